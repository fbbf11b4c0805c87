import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { testFolder } from '@sluice/testing';
import { describe, expect, it } from 'vitest';
import { canMakeNamespaces, Namespace } from './namespace.js';

const run = promisify(execFile);
/** By default PostgreSQL keeps the lock for two hours, NATS the subscription for four to six minutes, and TCP waits a quarter of an hour for an answer. */
const NOTICED_WITHIN_MS = 60_000;

describe.skipIf(!canMakeNamespaces)('a machine that is lost, with everything on it at once', () => {
  it(
    'is noticed by PostgreSQL and NATS if it is of a service, and by the services if it is that of PostgreSQL',
    { timeout: 180_000 },
    async () => {
      const machine = new Namespace(`l${process.pid.toString(36)}`);
      try {
        const script = path.join(import.meta.dirname, 'lost-machine', 'in-namespace.mjs');
        const [command = '', ...rest] = [...machine.prefix, process.execPath, script, 'lose', testFolder('lost-machine')];
        const { stdout } = await run(command, rest, { timeout: 150_000 });
        const { connections, ms } = JSON.parse(stdout) as { connections: number; ms: Record<string, number> };
        console.log(`a lost machine is noticed after so many milliseconds: ${JSON.stringify(ms)}`);
        expect(connections).toBe(6);
        expect(Math.max(...Object.values(ms))).toBeLessThan(NOTICED_WITHIN_MS);
        expect(Math.min(...Object.values(ms))).toBeGreaterThan(2000); // it was not told
      } finally {
        machine.remove();
      }
    },
  );
});
