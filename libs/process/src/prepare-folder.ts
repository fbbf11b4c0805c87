import { accessSync, chmodSync, constants, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from './read-environment.js';

/** Creates a folder for this process, 0700. @throws ConfigError with its variable, the folder, and why it cannot be written */
export function prepareFolder(variable: string, folder: string): void {
  try {
    makeFolder(path.resolve(folder));
    chmodSync(folder, 0o700);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new ConfigError(`${variable}: the folder ${folder} cannot be written: ${(cause as Error).message}`, { cause });
  }
}

/** Creates a folder and its parents. Node's recursive mkdir loops indefinitely below /proc, where a folder cannot be created although its parent exists. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder, 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process created it first
  }
}
