import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Writes JSON to a file that its owner alone can read, so that at any moment the file is the one before or the whole new
 * one: also where the disk is full, the process is killed, or another process writes it at the same time.
 * @throws Error when it could not be written; the file is as it was
 */
export function writePrivate(file: string, body: unknown): void {
  const draft = `${file}.${process.pid}.new`;
  rmSync(draft, { force: true }); // of an earlier process of this number: it may have had other rights
  try {
    const handle = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(handle, JSON.stringify(body, null, 2));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
