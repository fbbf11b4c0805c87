import { rmSync } from 'node:fs';
import { createLog, startTraces, until } from '@sluice/process';
import type { AgentConfig } from '../config.js';
import type { Listening } from '../listener/listener.js';
import { prepareConfigHome } from '../login/stored-login.js';
import { Agent } from './agent.js';
import { agentAnswers } from '../control/control-client.js';
import { lockHome } from './lock-home.js';
import { serveControl } from '../control/control-server.js';

/** How long another agent may take: to answer if it is starting, or to exit if it is stopping. */
const OTHER_AGENT_MS = 5000;

/** Runs the agent in this process until it is stopped. */
export async function runAgent(config: AgentConfig, listening: Listening): Promise<void> {
  prepareConfigHome(config);
  const running = 'an agent is running already; `sluice agent stop` ends it';
  const locked = async () => {
    if (lockHome(config.home)) return true;
    // the lock may belong to an agent that is stopping, which releases it soon, or to one that runs, which stays
    if (await agentAnswers(config.controlSocket)) throw new Error(running);
    return false;
  };
  await until(locked, AbortSignal.timeout(OTHER_AGENT_MS), 50).catch((cause: unknown) => {
    throw new Error(running, { cause });
  });
  const log = createLog('agent', config.logLevel);
  const traces = await startTraces(config.traces(), log);
  const agent = await Agent.start(config, listening, log);
  let stopping = false;
  const stop = async (why: string) => {
    if (stopping) return;
    stopping = true;
    control.close();
    control.closeAllConnections();
    await agent.stop();
    await traces.stop();
    rmSync(config.controlSocket, { force: true });
    log.info({ pid: process.pid, why }, 'the agent has stopped');
    process.exit(0);
  };
  const control = await serveControl(config.controlSocket, agent, () => void stop('a command'));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  log.info({ pid: process.pid }, 'the agent has started');
}
