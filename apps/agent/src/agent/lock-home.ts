import { openSync } from 'node:fs';
import path from 'node:path';
import { tryLock } from 'fs-native-extensions';
import type { AgentConfig } from '../config.js';

/**
 * Takes the folder of a login for this process until it ends, however it ends: two agents would be at the same addresses,
 * and only the later one would be heard at the control socket.
 * @returns whether no other agent has it
 */
export function lockHome(config: AgentConfig): boolean {
  return tryLock(openSync(path.join(config.home, 'agent.lock'), 'a', 0o600), { exclusive: true });
}
