import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a condition holds that no event reports, such as another process's state, or what a server responds.
 * @throws the reason of the signal if it aborts first
 */
export async function until(holds: () => boolean | Promise<boolean>, signal?: AbortSignal, everyMs = 25): Promise<void> {
  while (!(await holds())) {
    signal?.throwIfAborted();
    await sleep(everyMs, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
}
