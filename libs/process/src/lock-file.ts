import { closeSync, openSync } from 'node:fs';
import { tryLock } from 'fs-native-extensions';

/**
 * Locks a file for this process, and creates it if necessary. The kernel holds the lock until it is released or the process
 * ends in any way, so a lock is never left behind. The file is not deleted, because two processes could then lock two files
 * with the same name.
 * @returns a function that releases the lock; undefined if another process holds it
 */
export function lockFile(file: string): (() => void) | undefined {
  const fd = openSync(file, 'a', 0o600);
  if (tryLock(fd, { exclusive: true })) return () => closeSync(fd);
  closeSync(fd);
  return undefined;
}
