import { HEALTH_KINDS, type HealthKind, SERVER_TYPES } from '@sluice/domain';
import { ApiError, collect, type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import { type Command, Option } from 'commander';
import { nextPage, type SignedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { minor, whole } from '../terminal/fit-columns.js';
import type { OutputOptions, Rows } from '../terminal/output.js';
import { showTags } from '../terminal/show.js';

type Server = Schemas['Server'];
/** A server, and how many sessions to it run; null while the audit service does not answer. */
type ListedServer = Server & { readonly liveSessions: number | null };

interface ListOptions extends OutputOptions {
  readonly search?: string;
  readonly tag?: string[];
  readonly health?: HealthKind;
  readonly type?: (typeof SERVER_TYPES)[number];
  readonly proxyCluster?: string;
}

/** What CSV has of a server. */
export const SERVER_FIELDS: Rows<Server>['columns'] = [
  ...(['id', 'version', 'name', 'type', 'proxyCluster', 'hostname', 'port', 'connectivityMode', 'bindAddress'] as const),
  ...(['portOverride', 'dns', 'tags', 'settings.dialTimeoutSeconds', 'settings.idleTimeoutSeconds'] as const),
  ...(['settings.maxSessionSeconds', 'settings.keepAliveSeconds', 'settings.noDelay', 'settings.sessionsPerServer'] as const),
  ...(['settings.checkIntervalSeconds', 'settings.checkBudgetSeconds'] as const),
  ...(['proxyProtocol', 'check', 'health.state', 'health.nodes', 'createdAt'] as const),
];

/** Adds `sluice admin servers list`. */
export function addServerList(servers: Command, signedIn: SignedIn): void {
  addCommand(servers, 'list', {
    summary: 'list servers by name: all of them, or those that match every given option',
    more: 'LIVE: how many sessions to it are running.',
    example: 'admin servers list --search db --tag env=prod --health unhealthy',
  })
    .option('--search <words>', 'words, each of which is part of the name, endpoint, client address or a tag')
    .option('--tag <key=value>', 'a tag that it has; the key alone: with any value; may be given several times', eachOf)
    .addOption(new Option('--health <health>', 'its health; unchecked: no relay has tried to reach it yet').choices(HEALTH_KINDS))
    .addOption(new Option('--type <type>', 'its type').choices(SERVER_TYPES))
    .option('--proxy-cluster <name>', 'name or id of the proxy cluster whose relays reach it, or `default`')
    .action((options: ListOptions) =>
      run(options, async ({ out }) => {
        const { search, tag, health, type, proxyCluster } = options;
        const filter = { search, tag, health, type, proxyCluster };
        const api = signedIn();
        const all = await collect((cursor) =>
          unwrap(api.GET('/api/v1/servers', { params: { query: { ...nextPage(cursor), ...filter } } })),
        );
        const listed = await withLiveSessions(api, all);
        const isFiltered = Object.values(filter).some((value) => value !== undefined);
        out.list(listed, {
          head: ['SERVER', minor('TYPE', 2), 'ENDPOINT', whole('CLIENT ADDRESS'), minor('TAGS', 1), 'HEALTH', minor('LIVE', 3)],
          row: (s) => [
            s.name,
            s.type,
            `${s.hostname}:${s.port}`,
            `${s.bindAddress}:${s.portOverride}`,
            showTags(s.tags),
            showState(s),
            s.liveSessions,
          ],
          empty: isFiltered
            ? 'There is no such server.'
            : 'There are no servers yet: add one with `sluice admin servers add tcp`.',
          csv: [...SERVER_FIELDS, 'liveSessions'],
        });
      }),
    );
}

/** Servers are listed also while the audit service is away; the number of live sessions is then unknown. */
async function withLiveSessions(api: SluiceClient, servers: readonly Server[]): Promise<ListedServer[]> {
  const live = await unwrap(api.GET('/api/v1/live-sessions', {})).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 503) return undefined;
    throw error;
  });
  const counts = new Map(live?.servers.map(({ id, sessions }) => [id, sessions]));
  return servers.map((server) => ({ ...server, liveSessions: live === undefined ? null : (counts.get(server.id) ?? 0) }));
}

/** Values of an option that may be given several times. */
const eachOf = (value: string, before: string[] = []): string[] => [...before, value];

/** A server's health in a word. One that is neither checked nor used by a session is not unhealthy. */
export function showState({ check, health: { state, nodes, flapping } }: Server): string {
  if (flapping) return `${state}, flapping`;
  return check === 'off' && state === 'unhealthy' && nodes.every((node) => node.state !== 'unhealthy') ? 'not checked' : state;
}
