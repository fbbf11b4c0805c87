import path from 'node:path';
import { lockFile } from '@sluice/process/lock';
import type { AgentConfig } from '../config.js';

/**
 * Takes the folder of a login for this process until it ends, however it ends: two agents would be at the same addresses,
 * and only the later one would be reached at the control socket.
 * @returns whether no other agent has it
 */
export function lockHome(config: AgentConfig): boolean {
  return lockFile(path.join(config.home, 'agent.lock')) !== undefined;
}
