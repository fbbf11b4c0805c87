import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { until } from '@sluice/process';

const STOP_WITHIN_MS = 10_000;

/**
 * Identifies one process of this machine uniquely: its pid, its start time in the kernel's ticks, and the boot since which these
 * count. Undefined if no such process runs, or if the kernel does not provide this.
 */
function processMark(pid: number): string | undefined {
  try {
    const [state = '', ...fields] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    if ('ZX'.includes(state)) return undefined; // a zombie: it has ended
    return `${pid} ${fields[18]} ${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}`;
  } catch {
    return undefined;
  }
}

/** Whether the process that a mark identifies still runs. */
export const isStillRunning = (mark: string): boolean => mark !== '' && processMark(Number.parseInt(mark, 10)) === mark;

/** Records a process that was just started, for a later start. The file must be one that only this user can write. */
export function recordProcess(file: string, pid: number | undefined): void {
  writeFileSync(file, `${pid === undefined ? '' : (processMark(pid) ?? '')}\n`, { mode: 0o600 });
}

/**
 * Stops a process that an earlier start recorded in this file and left running, by SIGKILL if it does not end in time.
 * A pid file of the process itself is never used: it may run as another user, who could name any process.
 * @returns whether there was one
 */
export async function stopRecorded(file: string, signal: NodeJS.Signals, withinMs = STOP_WITHIN_MS): Promise<boolean> {
  const mark = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (!isStillRunning(mark)) return false;
  const pid = Number.parseInt(mark, 10);
  process.kill(pid, signal);
  const hasEnded = () => !isStillRunning(mark);
  await until(hasEnded, AbortSignal.timeout(withinMs)).catch(() => hasEnded() || process.kill(pid, 'SIGKILL'));
  await until(hasEnded);
  return true;
}
