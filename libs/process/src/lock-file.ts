import { closeSync, openSync } from 'node:fs';
import { tryLock } from 'fs-native-extensions';

/**
 * Locks a file for this process, and creates it where necessary. The kernel holds the lock until it is released or the process
 * ends, however it ends, so a lock is never left behind. The file stays: to delete it would let two processes lock two files of
 * one name.
 * @returns a function that releases the lock; undefined when another process holds it
 */
export function lockFile(file: string): (() => void) | undefined {
  const fd = openSync(file, 'a', 0o600);
  if (tryLock(fd, { exclusive: true })) return () => closeSync(fd);
  closeSync(fd);
  return undefined;
}
