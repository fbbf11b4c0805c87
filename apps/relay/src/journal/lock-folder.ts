import { lockFile } from '@sluice/process/lock';

/**
 * Locks a folder for this process with a lock on a file beside it. The kernel releases the lock when the process ends, even after a crash.
 * @returns releases the lock. @throws Error when another process has locked the folder
 */
export function lockFolder(folder: string): () => void {
  const release = lockFile(`${folder}.lock`);
  if (!release)
    throw new Error(`another process is using the journal in ${folder}: each relay needs its own home (and its own name)`);
  return release;
}
