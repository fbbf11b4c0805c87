import path from 'node:path';
import { lockFile } from '@sluice/process/lock';
import type { AgentConfig } from '../config.js';

/**
 * Locks the agent's folder for this process. The lock is released when the process ends, even if it is killed. Two agents in
 * one folder would compete for the same addresses, and commands would reach only the one that started later.
 * @returns false when another agent holds the lock
 */
export function lockHome(config: AgentConfig): boolean {
  return lockFile(path.join(config.home, 'agent.lock')) !== undefined;
}
