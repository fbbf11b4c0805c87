import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from './home.js';
import { processMark, stillRuns } from './recorded-process.js';

/** Takes a home for this process. A lock left by a process that is gone is taken over. @throws StartError when another start has it */
export function lockHome(home: string): () => void {
  const file = path.join(home, 'lock');
  const mine = processMark(process.pid) ?? '';
  for (;;) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readFileSync(file, 'utf8');
    if (stillRuns(holder)) {
      throw new StartError(
        `Sluice runs already on ${home} (process ${Number.parseInt(holder, 10)}). Stop it first, or set SLUICE_HOME, SLUICE_HTTP_PORT and SLUICE_TUNNEL_PORT to start another`,
      );
    }
    rmSync(file, { force: true });
  }
}
