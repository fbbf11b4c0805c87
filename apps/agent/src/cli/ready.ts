import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { sameName } from '../server/connected-servers.js';
import { askAgent } from '../control/control-client.js';
import { StatusReply } from '../control/control-messages.js';
import { addCommand, run } from '../command/command.js';
import { UsageError } from '../terminal/failure.js';
import type { OutputOptions } from '../terminal/output.js';

const ASK_AGAIN_MS = 500;

/** Adds `sluice ready`. */
export function addReadyCommand(program: Command, controlSocket: string): void {
  addCommand(program, 'ready', {
    summary: 'whether servers can be used now, for scripts: exit status 0 if all of them can, else 1',
    example: 'ready my-db --wait 30 && psql -h 127.0.0.1 -p 10000',
    more: 'A server can be used when the agent listens for it, the system responds, and a relay reaches the server.',
  })
    .argument('[names...]', 'names of servers (default: all that are connected)')
    .option('--wait <seconds>', 'how long to wait until they can be used', '0')
    .action((names: string[], options: OutputOptions & { wait: string }) =>
      run(options, async ({ out, now }) => {
        if (!/^\d{1,6}$/.test(options.wait))
          throw new UsageError(`--wait is a whole number of seconds (it is "${options.wait}")`);
        const deadline = Date.now() + Number(options.wait) * 1000;
        let problems = await problemsOf(controlSocket, names);
        while (problems.length > 0 && Date.now() < deadline) {
          now(`waiting: ${problems.join('; ')}`);
          await sleep(ASK_AGAIN_MS);
          problems = await problemsOf(controlSocket, names);
        }
        if (problems.length > 0) process.exitCode = 1;
        out.done(
          { ready: problems.length === 0, problems },
          problems.length === 0 ? 'Ready.' : `Not ready: ${problems.join('; ')}.`,
        );
      }),
    );
}

async function problemsOf(controlSocket: string, names: readonly string[]): Promise<string[]> {
  try {
    return unreadiness(await askAgent(controlSocket, 'status', {}, StatusReply), names);
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Why servers cannot be used; empty if all of them can. Without `names`, all connected servers are meant. */
export function unreadiness(status: StatusReply, names: readonly string[]): string[] {
  if (status.suspended) return ['your account is suspended'];
  if (status.loginEnded) return ['your login has ended'];
  if (status.trouble) return [`the system does not answer: ${status.trouble.why}`];
  const connected = status.servers.filter((server) => server.connected);
  if (names.length === 0 && connected.length === 0) return ['no server is connected'];
  const asked = names.length === 0 ? connected.map(({ name }) => name) : names;
  return asked.flatMap((name) => {
    const server = status.servers.find((known) => sameName(known.name, name));
    const taken = status.withdrawn.find((known) => sameName(known.name, name));
    if (!server) return [taken ? `${name} was taken away: ${taken.why}` : `there is no server "${name}" that you may reach`];
    if (!server.connected) return [`${server.name} is not connected`];
    return server.health === 'healthy' ? [] : [`${server.name} is unhealthy`];
  });
}
