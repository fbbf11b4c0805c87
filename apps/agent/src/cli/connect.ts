import { parsePort } from '@sluice/domain';
import type { Command } from 'commander';
import { agentAnswers, askAgent } from '../control/control-client.js';
import { ConnectReply } from '../control/control-messages.js';
import type { AgentConfig } from '../config.js';
import { signedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { fail, UsageError } from '../terminal/failure.js';
import type { Output, OutputOptions } from '../terminal/output.js';
import { startAgent } from './agent.js';
import { TLS_NAMES } from './status.js';

interface ConnectOptions extends OutputOptions {
  readonly port?: string;
  readonly all?: boolean;
}

/** Adds `sluice connect` and `disconnect`. */
export function addConnectCommands(program: Command, config: AgentConfig): void {
  addCommand(program, 'connect', {
    summary: 'listen for servers at their addresses; starts the background agent if none is running',
    example: 'connect my-db',
    more: `${TLS_NAMES}\nExit status 1 if the system does not respond. The agent listens nevertheless, but connections may fail.`,
  })
    .argument('[names...]', 'names of servers')
    .option('--all', 'every server that you may reach now')
    .option('--port <port>', "listen at this port instead of the server's own")
    .action((names: string[], options: ConnectOptions) =>
      run(options, async ({ out, now }) => {
        const asked = askedFor(names, options);
        signedIn(config);
        if (!(await agentAnswers(config.controlSocket))) {
          now('starting the agent');
          await startAgent(config);
        }
        now('connecting');
        const reply = await askAgent(config.controlSocket, 'connect', asked, ConnectReply);
        report(out, reply, 'listening at');
        if (reply.trouble !== null) fail(new Error(awayWhileListening(reply.trouble)), out.format);
      }),
    );

  addCommand(program, 'disconnect', {
    summary: 'stop listening for servers; their connections end',
    example: 'disconnect my-db',
  })
    .argument('<names...>', 'names of servers')
    .action((names: string[], options: OutputOptions) =>
      run(options, async ({ out }) =>
        report(out, await askAgent(config.controlSocket, 'disconnect', { names }, ConnectReply), 'disconnected from'),
      ),
    );
}

function askedFor(names: string[], options: ConnectOptions): { names: string[] | 'all'; port?: number } {
  const all = options.all === true;
  if (all === names.length > 0)
    throw new UsageError(all ? 'give the names of servers or --all, not both' : 'name the servers to connect, or give --all');
  if (options.port === undefined) return { names: all ? 'all' : names };
  if (all || names.length > 1) throw new UsageError('--port can be used with one server only');
  const port = parsePort(options.port);
  if (!port.ok) throw new UsageError(`${port.refusal.message} (--port is "${options.port}")`);
  return { names, port: port.value };
}

/** What is listened for goes by the list that is known, and a relay may still take connections. */
const awayWhileListening = (why: string): string =>
  `connections may fail, because the system does not answer: ${why}. \`sluice status\` says what is known`;

function report(out: Output, reply: ConnectReply, what: string): void {
  out.value(reply, () => {
    for (const result of reply.results) {
      if (!result.ok) continue;
      const names = [
        ...(result.dns ? [`also named ${result.dns}`] : []),
        ...(result.hostname === undefined ? [] : [`TLS name ${result.hostname}`]),
      ];
      const unhealthy = result.health === 'unhealthy' ? ', but no relay reaches the server now: it is unhealthy' : '';
      out.line(`${result.name}: ${what} ${result.address}${names.length > 0 ? ` (${names.join(', ')})` : ''}${unhealthy}`);
    }
    if (reply.results.length === 0) out.line('There is no server that you may reach.');
  });
  for (const result of reply.results) if (!result.ok) fail(new Error(`${result.name}: ${result.error}`), out.format);
}
