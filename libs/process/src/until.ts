import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a condition holds, for conditions that no event reports: another process's state, or what a server responds.
 * @throws the reason of the signal when it aborts first
 */
export async function until(holds: () => boolean | Promise<boolean>, signal?: AbortSignal, everyMs = 25): Promise<void> {
  while (!(await holds())) {
    signal?.throwIfAborted();
    await sleep(everyMs, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
}
