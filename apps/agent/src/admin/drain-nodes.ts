import { type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { clusterNamed, liveSessions, nodeNamed, type SignedIn } from '../command/api.js';
import { addCommand, addDangerousCommand, type DangerousOptions, run } from '../command/command.js';
import { printSessions } from '../command/print-sessions.js';
import { printWithdrawn } from '../command/reach.js';
import { UsageError } from '../terminal/failure.js';
import type { OutputOptions } from '../terminal/output.js';
import { showCount, showTime } from '../terminal/show.js';
import { lossWithout } from './loss-without.js';

type Node = Schemas['Node'];

/** Adds `sluice admin nodes drain` and `undrain`. */
export function addDrainCommands(nodes: Command, signedIn: SignedIn): void {
  addDangerousCommand(nodes, 'drain', {
    summary: 'take a gateway or relay out of service: it accepts nothing new',
    example: 'admin nodes drain relay-2 --deadline 600',
    more: 'Running sessions go on until they end or, with --deadline, until then. The node stays out of service, also when it is\nrestarted, until `sluice admin nodes undrain`. Repeat the command to change the deadline.',
  })
    .argument('<name>', 'name or id of the node')
    .option('--deadline <seconds>', 'end the sessions that still run after this time, as `drained`')
    .option('--preview', 'show the running sessions that would be cut, and change nothing')
    .action((named: string, options: DangerousOptions & { deadline?: string; preview?: true }) =>
      run(options, async ({ out, confirm, now }) => {
        const deadlineSeconds = options.deadline === undefined ? null : readSeconds(options.deadline);
        const api = signedIn();
        const node = await nodeNamed(api, named);
        if (options.preview) {
          const running = await liveSessions(api, sessionsOf(node));
          out.line(await whatDrainingDoes(api, node, deadlineSeconds, running.length));
          return printSessions(out, running, `No sessions are running at ${node.name}.`);
        }
        await confirm(options, async () => {
          const running = await liveSessions(api, sessionsOf(node));
          return whatDrainingDoes(api, node, deadlineSeconds, running.length);
        });
        now('waiting for the relays');
        const { id, version } = node;
        const drained = await unwrap(
          api.POST('/api/v1/nodes/{id}/drain', { params: { path: { id } }, body: { version, deadlineSeconds } }),
        );
        const left = drained.drain?.deadline ?? null;
        const until = left === null ? 'running sessions go on until they end' : `running sessions end at ${showTime(left)}`;
        printWithdrawn(out, drained, `${node.name} accepts nothing new; ${until}.`);
      }),
    );

  addCommand(nodes, 'undrain', {
    summary: 'put a drained gateway or relay into service again',
    example: 'admin nodes undrain relay-2',
  })
    .argument('<name>', 'name or id of the node')
    .action((named: string, options: OutputOptions) =>
      run(options, async ({ out, now }) => {
        const api = signedIn();
        const { id, version, name, drain } = await nodeNamed(api, named);
        now('waiting for the relays');
        const node = await unwrap(api.POST('/api/v1/nodes/{id}/undrain', { params: { path: { id } }, body: { version } }));
        printWithdrawn(out, node, !drain ? `${name} was in service already.` : `${name} is in service again.`);
      }),
    );
}

/** Selects the running sessions that a node carries. */
const sessionsOf = ({ id, kind }: Node) => (kind === 'relay' ? { node: id } : { gateway: id });

/** @throws UsageError */
function readSeconds(text: string): number {
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= 86_400)) throw new UsageError(`--deadline is a number of seconds from 0 to 86400 (it is "${text}")`);
  return seconds;
}

/** What a drain does to the running sessions, and to those who want to connect if this is the last node of its kind. */
async function whatDrainingDoes(api: SluiceClient, node: Node, deadlineSeconds: number | null, running: number): Promise<string> {
  const sessions = showCount(running, 'running session');
  const end = running === 1 ? 'ends' : 'end';
  const fate =
    deadlineSeconds === null
      ? `${running === 1 ? 'goes' : 'go'} on until ${running === 1 ? 'it ends' : 'they end'}`
      : `${end} at the latest after ${deadlineSeconds} s`;
  const loss = await lossWithout(api, node);
  const first = `Draining the ${node.kind} ${node.name}: it accepts nothing new, and ${sessions} through it ${fate}.`;
  if (loss === undefined) return first;
  if (node.kind === 'gateway') return `${first} It is ${loss}: nobody can connect until it is in service again.`;
  const cluster = node.proxyCluster === null ? 'the default cluster' : `the cluster ${node.proxyCluster}`;
  const servers = node.proxyCluster === null ? '' : ` (${(await clusterNamed(api, node.proxyCluster)).servers})`;
  return `${first} It is ${loss} of ${cluster}: nobody can connect to the servers there${servers} until it is in service again.`;
}
