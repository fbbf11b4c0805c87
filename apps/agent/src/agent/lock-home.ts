import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { tryLock } from 'fs-native-extensions';
import type { AgentConfig } from '../config.js';

/**
 * Takes the folder of a login for this process until it ends, however it ends: two agents would be at the same addresses,
 * and only the later one would be heard at the control socket.
 * @returns whether no other agent has it
 */
export function lockHome(config: AgentConfig): boolean {
  const fd = openSync(path.join(config.home, 'agent.lock'), 'a', 0o600);
  if (tryLock(fd, { exclusive: true })) return true;
  closeSync(fd); // it may be tried again
  return false;
}
