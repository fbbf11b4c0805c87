import type { Actor, AgentFeed } from '@sluice/contracts';
import { type ConnectivityMode, type OwnSettings, type SessionSettings, settingsOf } from '@sluice/domain';
import type { DataSource } from 'typeorm';
import { AuthoritySet } from '../authority/authority-set.js';
import { readGateways } from '../node/nodes.js';
import type { Presence } from '../presence/presence.js';
import type { Organization } from '../organization/organization.js';
import type { HealthView } from '../resource/health-view.js';
import { readSettings } from '../settings/settings.js';

interface ReachableRow {
  id: string;
  name: string;
  hostname: string;
  dns: string | null;
  cluster_id: string;
  connectivity_mode: ConnectivityMode;
  bind_address: string;
  port_override: number;
  tags: Record<string, string>;
  settings: OwnSettings;
}

/** The session settings that an agent needs. */
const ofSessions = ({ dialTimeoutSeconds, keepAliveSeconds, noDelay }: SessionSettings) => ({
  dialTimeoutSeconds,
  keepAliveSeconds,
  noDelay,
});

type Gateways = Awaited<ReturnType<typeof readGateways>>;

/** The gateways that accept connections; if there is none, those that are being drained, which at least say so to an agent that asks. */
function inService(all: Gateways): AgentFeed['gateways'] {
  const serving = all.filter(({ drained }) => !drained);
  return (serving.length > 0 ? serving : all).map(({ id, address }) => ({ id, address }));
}

/** The servers that an account may reach now, with their local addresses, and the addresses of gateways and listening relays. */
export async function agentFeed(
  database: DataSource,
  organization: Organization,
  health: HealthView,
  presence: Presence,
  actor: Actor,
): Promise<AgentFeed> {
  const settings = await readSettings(database);
  const resources = await database.query<ReachableRow[]>(
    `select distinct on (r.name_key, r.id) r.id, r.name, r.hostname, r.dns, r.cluster_id, r.connectivity_mode, r.bind_address, r.port_override, r.tags, r.settings
       from resource r join role_resource rr on rr.resource_id = r.id join role_account ra on ra.role_id = rr.role_id
      where ra.account_id = $1 order by r.name_key, r.id`,
    [actor.accountId],
  );
  const gateways = inService(await readGateways(database.manager, 'agent'));
  return {
    organizationId: organization.id,
    account: { id: actor.accountId, email: actor.email, apiRole: actor.apiRole },
    resources: resources.map((row) => ({
      ...ofSessions(settingsOf(settings, row.settings)),
      id: row.id,
      name: row.name,
      type: 'tcp',
      cluster: row.cluster_id,
      connectivityMode: row.connectivity_mode,
      bindAddress: row.bind_address,
      port: row.port_override,
      hostname: row.hostname,
      dns: row.dns,
      tags: row.tags,
      health: health.of(row.id).state,
    })),
    gateways,
    relays: presence.listeningRelays(new Set(resources.map((row) => row.cluster_id))),
    keepAliveSeconds: settings.keepAliveSeconds,
    authorities: (await AuthoritySet.read(database)).fingerprints,
  };
}
