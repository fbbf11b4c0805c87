import { rmSync } from 'node:fs';
import path from 'node:path';
import type { AgentConfig } from '../config.js';
import { readUnit, UNIT } from './install-service.js';
import { systemctl, systemdAnswers } from './user-manager.js';

/** Stops the service of this user, which ends its connections, and removes it. @throws Error if it is not installed */
export async function uninstallService(config: AgentConfig): Promise<{ file: string }> {
  const file = path.join(config.userUnits, UNIT);
  if (readUnit(file) === undefined) throw new Error(`there is no ${file}: the agent is not installed as a service`);
  const answers = await systemdAnswers();
  if (answers) await systemctl('disable', '--now', UNIT);
  rmSync(path.join(config.userUnits, 'default.target.wants', UNIT), { force: true }); // the link that `enable` created
  rmSync(file);
  if (answers) await systemctl('daemon-reload');
  return { file };
}
