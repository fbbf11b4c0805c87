import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeRuntime } from '@sluice/process';
import { agentAnswers } from '../control/control-client.js';
import type { AgentConfig } from '../config.js';
import { PROGRAM_FILE } from '../program.js';
import { UNIT_MARK, unitText } from './unit-text.js';
import { systemctl, systemdAnswers, systemdSays } from './user-manager.js';

/** The name that `systemctl` knows the agent by. */
export const UNIT = 'sluice-agent.service';

/** How long an agent may take until it answers. */
const START_MS = 15_000;

/**
 * What became of the unit: `written`, where no systemd of this user answers; `beside`, where an agent runs that systemd did not
 * start; `waiting`, where nobody is signed in; `started`; `kept`, where it ran and goes on as it was. All but the first are
 * enabled: systemd starts the agent at the next login to this machine.
 */
export type ServiceState = 'written' | 'beside' | 'waiting' | 'started' | 'kept';

/** Makes the agent a service of this user. @throws Error where systemd refuses, or the file is somebody else's */
export async function installService(config: AgentConfig): Promise<{ file: string; state: ServiceState }> {
  if (process.platform !== 'linux') throw new Error('this writes a unit for systemd, which is on Linux only');
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
  const ran = await systemdSays('is-active', UNIT);
  const beside = !ran && (await agentAnswers(config)); // its connections are not ended for this
  await systemctl('daemon-reload');
  await systemctl('enable', ...(beside ? [] : ['--now']), UNIT);
  if (beside) return 'beside';
  if (ran) return 'kept';
  if (!existsSync(config.loginFile)) return 'waiting';
  const deadline = Date.now() + START_MS;
  while (!(await agentAnswers(config))) {
    if (Date.now() > deadline || !(await systemdSays('is-active', UNIT)))
      throw new Error(`the agent did not start: journalctl --user -u ${UNIT} says why`);
    await sleep(50);
  }
  return 'started';
}

/** The unit as it is on disk; undefined where there is none. @throws Error where somebody else wrote it */
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
