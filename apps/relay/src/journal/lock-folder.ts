import { lockFile } from '@sluice/process/lock';

/**
 * Takes a folder for this process, by a file beside it: the kernel holds the lock and drops it when the process ends, however it ends.
 * @returns a function that gives the folder back. @throws Error when another process has it
 */
export function lockFolder(folder: string): () => void {
  const release = lockFile(`${folder}.lock`);
  if (!release) throw new Error(`another process writes the journal in ${folder}: a relay needs a home (and a name) of its own`);
  return release;
}
