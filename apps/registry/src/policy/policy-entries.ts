import {
  CheckSettingsShape,
  GATEWAY_BUCKET,
  HEALTH_POLICY_BUCKET,
  OrganizationSettingsShape,
  policyBucket,
  type PolicyEntry,
  type PolicyKind,
  SETTINGS_ID,
} from '@sluice/contracts';
import type { CheckMode, OwnSettings } from '@sluice/domain';
import type { EntityManager } from 'typeorm';
import { AuthoritySet } from '../authority/authority-set.js';
import { readSettings } from '../settings/settings.js';

/** Reads the present state of policy objects of one kind, either all or those with the given ids. An id without an entry no longer exists. */
type ReadEntries = (tx: EntityManager, ids: string[] | null) => Promise<PolicyEntry[]>;

const ONLY = '($1::uuid[] is null or id = any($1))';

interface ResourceEntry {
  id: string;
  name: string;
  cluster: string;
  hostname: string;
  port: number;
  tags: Record<string, string>;
  settings: OwnSettings;
  proxyProtocol: boolean;
  check: CheckMode;
  clientNames: string[];
}

const READERS: Record<PolicyKind, ReadEntries> = {
  settings: async (tx, ids) => {
    if (ids !== null && !ids.includes(SETTINGS_ID)) return [];
    const all = await readSettings(tx);
    const settings = OrganizationSettingsShape.extend(CheckSettingsShape.shape).parse(all); // relays need no network settings, except the virtual subnet, which they must not dial
    const set = await AuthoritySet.read(tx);
    const authorities = set.fingerprints;
    return [{ kind: 'settings', value: { id: SETTINGS_ID, ...settings, virtualSubnet: all.virtualSubnet, authorities } }];
  },
  resource: async (tx, ids) => {
    const rows = await tx.query<ResourceEntry[]>(
      `select id, name, cluster_id as cluster, hostname, port, tags, settings, proxy_protocol as "proxyProtocol", check_mode as check,
              array_remove(array[dns, bind_address], null) as "clientNames" from resource where ${ONLY}`,
      [ids],
    );
    return rows.map((value) => ({ kind: 'resource', value }));
  },
  account: async (tx, ids) => {
    const rows = await tx.query<{ id: string; email: string; roles: string[] }[]>(
      `select id, email, array(select role_id::text from role_account where account_id = a.id order by 1) as roles
         from account a where status = 'active' and exists (select 1 from role_account where account_id = a.id) and ${ONLY}`,
      [ids],
    );
    return rows.map((value) => ({ kind: 'account', value }));
  },
  role: async (tx, ids) => {
    const rows = await tx.query<{ id: string; name: string; resources: string[] }[]>(
      `select id, name, array(select resource_id::text from role_resource where role_id = r.id order by 1) as resources from role r where ${ONLY}`,
      [ids],
    );
    return rows.map((value) => ({ kind: 'role', value }));
  },
  gateway: async (tx, ids) => {
    const rows = await tx.query<{ id: string; address: string }[]>(
      `select id, coalesce(relay_address, address) as address from node where kind = 'gateway' and deleted_at is null and address is not null and ${ONLY}`,
      [ids],
    );
    return rows.map((value) => ({ kind: 'gateway', value }));
  },
  drain: async (tx, ids) => {
    const rows = await tx.query<{ id: string; kind: 'gateway' | 'relay'; cluster: string | null; deadline: Date | null }[]>(
      `select id, kind, cluster_id as cluster, drain_deadline as deadline from node
        where draining_since is not null and deleted_at is null and ${ONLY}`,
      [ids],
    );
    return rows.map((row) => ({ kind: 'drain', value: { ...row, deadline: row.deadline?.toISOString() ?? null } }));
  },
  revoked: async (tx, ids) => {
    // a deleted account or node and an ended login are named until no certificate of theirs can be valid any more
    const rows = await tx.query<{ kind: 'account' | 'login' | 'node'; id: string }[]>(
      `select kind, id from (
         select 'account' as kind, id from account
          where status = 'suspended' or (status = 'deleted' and (deleted_at is null or deleted_at > now() - interval '2 hours'))
         union all select 'login', id from login where ended_at > now() - interval '2 hours'
         union all select 'node', id from node where deleted_at > now() - interval '2 days'
       ) revoked where ${ONLY}`,
      [ids],
    );
    const restores = await tx.query<{ id: string; from: number; until: number }[]>(
      `select id, extract(epoch from from_at)::float8 * 1000 as from, extract(epoch from until_at)::float8 * 1000 as until
         from restore where until_at > now() - interval '2 days' and ${ONLY}`,
      [ids],
    );
    return [
      ...rows.map((value): PolicyEntry => ({ kind: 'revoked', value })),
      ...restores.map((value): PolicyEntry => ({ kind: 'revoked', value: { kind: 'issued', ...value } })),
    ];
  },
};

/** Reads policy entries; see `ReadEntries`. */
export const readEntries = (kind: PolicyKind, tx: EntityManager, ids: string[] | null): Promise<PolicyEntry[]> =>
  READERS[kind](tx, ids);

/** Key of a policy object. */
export const policyKey = (kind: PolicyKind, id: string): string => `${kind}.${id}`;

/** Selects what the readers of a bucket see of an entry; null if the entry is not for them. */
export type BucketView = (entry: PolicyEntry) => PolicyEntry | null;

/** What gateways see. */
const gatewayView: BucketView = (entry) =>
  entry.kind === 'revoked' || entry.kind === 'settings' || (entry.kind === 'drain' && entry.value.kind === 'gateway')
    ? entry
    : null;
/** What the health service sees. */
const healthView: BucketView = (entry) => (entry.kind === 'resource' || entry.kind === 'settings' ? entry : null);
/** What the relays of a cluster see: everything except the resources of other clusters, and drains of their relays. */
const clusterView =
  (cluster: string): BucketView =>
  (entry) => {
    const isOthers =
      (entry.kind === 'resource' && entry.value.cluster !== cluster) ||
      (entry.kind === 'drain' && entry.value.kind === 'relay' && entry.value.cluster !== cluster);
    return isOthers ? null : entry;
  };

/** The names of all policy buckets that should exist, with their views. */
export const bucketViews = (clusters: readonly string[]): Map<string, BucketView> =>
  new Map([
    ...clusters.map((cluster): [string, BucketView] => [policyBucket(cluster), clusterView(cluster)]),
    [GATEWAY_BUCKET, gatewayView],
    [HEALTH_POLICY_BUCKET, healthView],
  ]);

/** Ids of the clusters. */
export async function readClusters(tx: EntityManager): Promise<string[]> {
  const rows = await tx.query<{ id: string }[]>('select id from proxy_cluster order by id');
  return rows.map(({ id }) => id);
}
