import { setTimeout as sleep } from 'node:timers/promises';

/** Tries until it works and gives something other than false. @throws the last error after `seconds` */
export async function eventually(what, attempt, seconds = 120, every = 500) {
  const deadline = Date.now() + seconds * 1000;
  let last = new Error('it was false');
  while (Date.now() < deadline) {
    try {
      const result = await attempt();
      if (result !== false) return result;
    } catch (error) {
      last = error;
    }
    await sleep(every);
  }
  throw new Error(`not within ${seconds} s: ${what}: ${last.stderr?.toString().trim() || last.message}`, { cause: last });
}
