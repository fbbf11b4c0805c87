import { accessSync, chmodSync, constants, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from './read-environment.js';

/** Makes a folder of this process's own, 0700. @throws ConfigError that names the variable it is from, the folder, and why it cannot be written */
export function prepareFolder(variable: string, folder: string): void {
  try {
    makeFolder(path.resolve(folder));
    chmodSync(folder, 0o700);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new ConfigError(`${variable}: the folder ${folder} cannot be written: ${(cause as Error).message}`, { cause });
  }
}

/** Node's own recursive mkdir goes round indefinitely below /proc, where a folder whose parent is there cannot be made. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder, 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // somebody else was faster
  }
}
