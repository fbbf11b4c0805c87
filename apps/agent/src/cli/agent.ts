import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { nodeRuntime, until } from '@sluice/process';
import type { Command } from 'commander';
import { z } from 'zod';
import { agentAnswers, askAgent } from '../control/control-client.js';
import type { AgentConfig } from '../config.js';
import { prepareConfigHome } from '../login/stored-login.js';
import { PROGRAM_FILE } from '../program.js';
import { addCommand, run } from '../command/command.js';
import { fail } from '../terminal/failure.js';
import type { OutputOptions } from '../terminal/output.js';
import { addAgentServiceCommands } from './agent-service.js';
import { readAllowedUser, readListenAddress } from './allowed-user.js';

const AGENT_START_MS = 15_000;
const ASK_EVERY_MS = 50;

/** Adds `sluice agent ...`. */
export function addAgentCommands(program: Command, config: AgentConfig): void {
  const agent = program.command('agent').description('run the background agent, or have systemd run it');
  addAgentServiceCommands(agent, config);

  agent
    .command('run')
    .description('run the agent in the foreground (for containers); servers that were connected are connected again')
    .option('--allow-user <user>', 'accept local connections of this user, or of "any"; default: only your own')
    .option(
      '--listen <ip>',
      "listen at this address instead of each server's own, so that other machines can connect; with --allow-user any",
    )
    .addHelpText('after', '\nIt logs to standard output, as JSON lines.\n\nExample:\n  $ sluice agent run --allow-user any')
    .action(async (options: { allowUser?: string; listen?: string }) => {
      try {
        const allowed = readAllowedUser(options.allowUser);
        const listening = { allowed, address: readListenAddress(options.listen, allowed) };
        const { runAgent } = await import('../agent/run-agent.js'); // the other commands start faster without it
        await runAgent(config, listening);
      } catch (error) {
        fail(error, 'table');
      }
    });

  addCommand(agent, 'stop', { summary: 'stop the background agent; connections end', example: 'agent stop' }).action(
    (options: OutputOptions) =>
      run(options, async ({ out, now }) => {
        now('stopping the agent');
        await askAgent(config.controlSocket, 'stop', {}, z.object({}));
        await until(async () => !(await agentAnswers(config.controlSocket)), undefined, ASK_EVERY_MS);
        out.done({ stopped: true }, 'The agent has stopped.');
      }),
  );
}

/** Starts the agent in the background and waits until it answers. @throws Error when it does not */
export async function startAgent(config: AgentConfig): Promise<void> {
  prepareConfigHome(config);
  const log = openSync(config.logFile, 'a', 0o600);
  const child = spawn(nodeRuntime(config.node).file, [PROGRAM_FILE, 'agent', 'run'], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
  });
  const ended = new AbortController();
  child.once('exit', () => ended.abort());
  child.unref();
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(AGENT_START_MS)]);
  await until(() => agentAnswers(config.controlSocket), signal, ASK_EVERY_MS).catch((cause: unknown) => {
    throw new Error(`the agent did not start; its log is ${config.logFile}`, { cause });
  });
}
