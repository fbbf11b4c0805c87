import { bytesText, clusterText, DEFAULT_CLUSTER } from '@sluice/domain';
import { type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { clusterNamed, liveSessions, nodeNamed, type SignedIn } from '../command/api.js';
import { addCommand, addDangerousCommand, type DangerousOptions, run } from '../command/command.js';
import { printWithdrawn } from '../command/reach.js';
import { minor, whole } from '../terminal/fit-columns.js';
import type { OutputOptions } from '../terminal/output.js';
import { showCount, showTime } from '../terminal/show.js';
import { addDrainCommands } from './drain-nodes.js';
import { allNodes, lossWithout } from './loss-without.js';

type Node = Schemas['Node'];

/** Adds `sluice admin nodes ...`. */
export function addNodeCommands(admin: Command, signedIn: SignedIn): void {
  const nodes = admin.command('nodes').description('gateways and relays');

  addCommand(nodes, 'list', {
    summary: 'list gateways and relays',
    example: 'admin nodes list',
    more: 'CARRIES: for a relay, its running sessions; for a gateway, which cannot see sessions, the links that it joins.',
  })
    .option('--gone', 'also list relays that enrolled with the key of a cluster and have stopped or been lost since')
    .action((options: OutputOptions & { gone?: true }) =>
      run(options, async ({ out }) => {
        const all = await allNodes(signedIn(), options.gone);
        out.list(all, {
          head: [
            'NODE',
            'KIND',
            minor('CLUSTER', 2),
            'STATE',
            minor('CARRIES', 1),
            minor('ADDRESS', 3),
            minor('LAST SEEN', 4),
            whole('ID'),
          ],
          row: (node) => [
            node.name,
            node.kind,
            clusterOf(node),
            stateOf(node),
            carries(node),
            node.address,
            showTime(node.lastSeenAt),
            node.id,
          ],
          empty: 'There are no nodes yet.',
          csv: [
            ...([
              'id',
              'version',
              'name',
              'kind',
              'proxyCluster',
              'address',
              'state',
              'sessions',
              'bytesPerSecond',
              'release',
              'upgradeNeeded',
              'lastSeenAt',
              'enrolledAt',
            ] as const),
            ...(['drain.since', 'drain.deadline'] as const),
          ],
        });
      }),
    );

  addCommand(nodes, 'show', { summary: 'show a gateway or relay', example: 'admin nodes show relay-1' })
    .argument('<name>', 'name or id of the node')
    .action((name: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const node = await nodeNamed(signedIn(), name);
        out.value(node, () =>
          out.fields([
            ['Name', node.name],
            ['Kind', node.kind],
            ['Proxy cluster', clusterOf(node)],
            ['State', node.state],
            ...(!node.drain
              ? []
              : ([
                  ['Drained since', showTime(node.drain.since)],
                  ['Sessions end', node.drain.deadline === null ? 'by themselves' : `at ${showTime(node.drain.deadline)}`],
                ] as const)),
            ['Carries', carries(node)],
            ['Bytes a second', typeof node.bytesPerSecond === 'number' ? bytesText(node.bytesPerSecond) : null],
            ['Address', node.address],
            ['Last seen', showTime(node.lastSeenAt)],
            ['Enrolled', showTime(node.enrolledAt)],
            ['Release', node.release],
            ...(neededBy(node) === undefined ? [] : ([['Refused', neededBy(node)]] as const)),
            ['Version', node.version],
            ['Id', node.id],
          ]),
        );
      }),
    );

  addCommand(nodes, 'create-token', {
    summary: 'create a token with which one relay can enrol, once and within a day',
    example: 'admin nodes create-token --name relay-2',
  })
    .option('--name <name>', 'name of the relay; without it one is assigned')
    .option('--proxy-cluster <name>', `name or id of its proxy cluster (default: ${DEFAULT_CLUSTER})`)
    .action(({ name, proxyCluster, ...options }: OutputOptions & { name?: string; proxyCluster?: string }) =>
      run(options, async ({ out }) => {
        const body = { ...(name === undefined ? {} : { name }), ...(proxyCluster === undefined ? {} : { proxyCluster }) };
        const token = await unwrap(signedIn().POST('/api/v1/nodes/tokens', { body }));
        out.done(token, `Token for ${token.name}, good once until ${showTime(token.expiresAt)}:\n${token.token}`);
      }),
    );

  addCommand(nodes, 'rename', {
    summary: 'give a relay another name; it has that name in new records within 20 minutes',
    example: 'admin nodes rename relay-2 berlin-2',
    more: 'A gateway has the name in its configuration (SLUICE_GATEWAY_NAME).',
  })
    .argument('<node>', 'name or id of the relay')
    .argument('<name>', 'its new name')
    .action((named: string, name: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const { id, version, name: before } = await nodeNamed(api, named);
        const node = await unwrap(api.PATCH('/api/v1/nodes/{id}', { params: { path: { id } }, body: { version, name } }));
        out.done(node, `The relay ${before} is ${node.name} now.`);
      }),
    );

  addDrainCommands(nodes, signedIn);

  addDangerousCommand(nodes, 'delete', {
    summary: 'delete a node and revoke its identity: a relay ends its sessions and its process',
    example: 'admin nodes delete relay-2 --yes',
  })
    .argument('<name>', 'name or id of the node')
    .action((named: string, options: DangerousOptions) =>
      run(options, async ({ out, confirm, now }) => {
        const api = signedIn();
        const node = await nodeNamed(api, named);
        const { id, version, name } = node;
        await confirm(options, () => whatDeletingEnds(api, node));
        now('waiting for the relays');
        const { reach } = await unwrap(api.DELETE('/api/v1/nodes/{id}', { params: { path: { id }, query: { version } } }));
        printWithdrawn(out, { id, name, deleted: true, reach }, `Deleted ${name}.`);
      }),
    );
}

/** The proxy cluster of a relay; a gateway has none. */
const clusterOf = ({ kind, proxyCluster }: Node): string | null => (kind === 'relay' ? clusterText(proxyCluster) : null);

const carries = ({ kind, sessions }: Node): string | null =>
  sessions === null ? null : showCount(sessions, kind === 'relay' ? 'session' : 'link');

/** What a node needs that is refused because its release is too old; undefined if it is not. */
const neededBy = ({ upgradeNeeded }: Node): string | undefined =>
  typeof upgradeNeeded === 'string' ? `upgrade needed, at least ${upgradeNeeded}` : undefined;

/** The state of a node; with the deadline while it is drained, also before it says so itself. */
const stateOf = (node: Node): string => {
  const { state, drain } = node;
  const needed = neededBy(node);
  if (needed !== undefined) return `${state}, ${needed}`;
  if (!drain) return state;
  const until = drain.deadline === null ? '' : `, sessions end ${showTime(drain.deadline)}`;
  return state === 'offline' ? 'offline, drained' : `draining${until}`;
};

/** A warning about what is lost with a node, and whether it is the last of its kind. */
async function whatDeletingEnds(api: SluiceClient, node: Node): Promise<string> {
  const loss = await lossWithout(api, node);
  if (node.kind === 'gateway') {
    const rest =
      loss === undefined ? '' : ` It is ${loss}: nobody can connect, and agents, relays and this command may lose the API.`;
    return `Deleting the gateway ${node.name} ends ${carries(node) ?? 'the links that it joins'}, with what they carry.${rest}`;
  }
  const sessions = showCount((await liveSessions(api, { node: node.id })).length, 'running session');
  const cluster = node.proxyCluster === null ? 'the default cluster' : `the cluster ${node.proxyCluster}`;
  const servers = node.proxyCluster === null ? '' : ` (${(await clusterNamed(api, node.proxyCluster)).servers})`;
  const rest = loss === undefined ? '' : ` It is ${loss} of ${cluster}: nobody reaches the servers there${servers} any more.`;
  return `Deleting the relay ${node.name} ends ${sessions}.${rest}`;
}
