import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lockFile } from '@sluice/process/lock';
import { StartError } from './home.js';

/** Locks a home for this process until it is released or the process ends. @throws StartError if another start has locked it */
export function lockHome(home: string): () => void {
  const file = path.join(home, 'lock');
  const release = lockFile(file);
  if (!release) {
    throw new StartError(
      `Sluice is already running in ${home} (process ${readFileSync(file, 'utf8').trim()}). Stop it first, or set SLUICE_HOME, SLUICE_HTTP_PORT and SLUICE_TUNNEL_PORT to start another`,
    );
  }
  writeFileSync(file, `${process.pid}\n`);
  return () => {
    if (existsSync(file)) truncateSync(file); // the home may have been removed meanwhile
    release();
  };
}
