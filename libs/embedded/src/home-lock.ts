import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from './home.js';

/** When a process began, in the kernel's ticks: with its pid it names one process only. Undefined when there is none. */
function startTicks(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Takes a home for this process. A lock left by a process that is gone is taken over. @throws StartError when another start has it */
export function lockHome(home: string): () => void {
  const file = path.join(home, 'lock');
  const mine = `${process.pid} ${startTicks(process.pid)}`;
  for (;;) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const [pid = '', ticks] = readFileSync(file, 'utf8').split(' ');
    if (ticks !== undefined && startTicks(Number(pid)) === ticks) {
      throw new StartError(
        `Sluice runs already on ${home} (process ${pid}). Stop it first, or set SLUICE_HOME, SLUICE_HTTP_PORT and SLUICE_TUNNEL_PORT to start another`,
      );
    }
    rmSync(file, { force: true });
  }
}
