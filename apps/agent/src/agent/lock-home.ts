import path from 'node:path';
import { lockFile } from '@sluice/process/lock';

/**
 * Locks the agent's folder for this process. The lock is released when the process ends, even if it is killed. Two agents in
 * one folder would compete for the same addresses, and commands would reach only the one that started later.
 * @returns false when another agent holds the lock
 */
export function lockHome(home: string): boolean {
  return lockFile(path.join(home, 'agent.lock')) !== undefined;
}
