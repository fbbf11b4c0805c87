// Objects of the cluster as they change, from one `kubectl get --watch`: asking again and again costs a tenth of a core each time.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @param host where kubectl runs
 * @param kubectl the command with its options
 * @param what arguments of `get`
 * @param seen called with each object, and whether it was deleted
 * @returns what ends it
 */
export function follow(host, kubectl, what, seen) {
  let child;
  let stopped = false;
  const watch = () =>
    new Promise((resolve) => {
      const [program, ...args] = [...host.prefix, ...kubectl, 'get', ...what, '--watch', '--output-watch-events', '-o', 'json'];
      child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      createInterface({ input: child.stdout }).on('line', (line) => {
        const { type, object } = JSON.parse(line);
        seen(object, type === 'DELETED');
      });
      child.once('close', resolve);
    });
  const loop = (async () => {
    while (!stopped) {
      await watch();
      if (!stopped) await sleep(500); // the API server closes a watch now and then
    }
  })();
  return async () => {
    stopped = true;
    child.kill();
    await loop;
  };
}
