import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { nodeRuntime, until } from '@sluice/process';
import { agentAnswers } from '../control/control-client.js';
import type { AgentConfig } from '../config.js';
import { PROGRAM_FILE } from '../program.js';
import { UNIT_MARK, unitText } from './unit-text.js';
import { systemctl, systemdAnswers, systemctlSucceeds } from './user-manager.js';

/** The agent's unit, as `systemctl` calls it. */
export const UNIT = 'sluice-agent.service';

/** How long an agent may take until it answers. */
const START_MS = 15_000;

/**
 * What became of the unit. With `written`, this user has no systemd that answers, and the unit is not enabled. In all other
 * states it is enabled, so that systemd starts the agent at the next login to this machine: `started`; `kept`, when the unit
 * was running already and continues; `beside`, when an agent is running that systemd did not start; `waiting`, when nobody is
 * signed in.
 */
export type ServiceState = 'written' | 'beside' | 'waiting' | 'started' | 'kept';

/** Makes the agent a service of this user. @throws Error when systemd refuses, or somebody else wrote the unit file */
export async function installService(config: AgentConfig): Promise<{ file: string; state: ServiceState }> {
  if (process.platform !== 'linux') throw new Error('the agent can only be installed as a service on Linux, with systemd');
  const file = path.join(config.userUnits, UNIT);
  readUnit(file);
  const { extraCertificates } = config;
  const text = unitText({
    node: nodeRuntime(config.node).file,
    program: PROGRAM_FILE,
    loginFile: config.loginFile,
    environment: {
      SLUICE_CONFIG_HOME: config.home,
      ...(extraCertificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: path.resolve(extraCertificates) }),
    },
  });
  mkdirSync(config.userUnits, { recursive: true });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  return { file, state: (await systemdAnswers()) ? await enable(config) : 'written' };
}

async function enable(config: AgentConfig): Promise<ServiceState> {
  const ran = await systemctlSucceeds('is-active', UNIT);
  const beside = !ran && (await agentAnswers(config.controlSocket)); // that agent keeps running, because stopping it would end its connections
  await systemctl('daemon-reload');
  await systemctl('enable', ...(beside ? [] : ['--now']), UNIT);
  if (beside) return 'beside';
  if (ran) return 'kept';
  if (!existsSync(config.loginFile)) return 'waiting';
  const answers = async () => {
    if (await agentAnswers(config.controlSocket)) return true;
    if (!(await systemctlSucceeds('is-active', UNIT))) throw new Error(`${UNIT} is not active`);
    return false;
  };
  await until(answers, AbortSignal.timeout(START_MS), 50).catch((cause: unknown) => {
    throw new Error(`the agent did not start: journalctl --user -u ${UNIT} says why`, { cause });
  });
  return 'started';
}

/** The unit file on disk; undefined if it does not exist. @throws Error if this program did not write it */
export function readUnit(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (!text.startsWith(UNIT_MARK)) throw new Error(`${file} was not written by \`sluice agent install\`: move it away first`);
  return text;
}
