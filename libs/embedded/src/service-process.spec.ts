import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ServiceProcess } from './service-process.js';

let folder: string;
let lines: string[];
let service: ServiceProcess;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-service-'));
  lines = [];
});
afterEach(async () => {
  await service.stop(0);
  rmSync(folder, { recursive: true, force: true });
});

/**
 * A service that cannot be asked to end. Each run adds its pid to `runs`, and whether the run before it was still
 * alive; the runs in `silent` (from 0) never say that they have started.
 */
function stubborn(silent: readonly number[]): void {
  const main = path.join(folder, 'main.mjs');
  writeFileSync(
    main,
    `import { appendFileSync, existsSync, readFileSync } from 'node:fs';
    process.on('SIGTERM', () => undefined);
    setInterval(() => undefined, 1000);
    const file = ${JSON.stringify(path.join(folder, 'runs'))};
    const before = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\\n') : [];
    const alive = (pid) => { try { return process.kill(pid, 0); } catch { return false; } };
    appendFileSync(file, process.pid + ' ' + (before.some((run) => alive(Number(run.split(' ')[0]))) ? 'beside' : 'alone') + '\\n');
    if (!${JSON.stringify(silent)}.includes(before.length)) process.send({ operationsPort: 1 });`,
  );
  service = new ServiceProcess({
    node: process.execPath,
    name: 'stubborn',
    main,
    env: {},
    logFile: path.join(folder, 'log'),
    restart: true,
    startTimeoutMs: 2500,
    say: (line) => lines.push(line),
  });
}

const runs = () =>
  readFileSync(path.join(folder, 'runs'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, string]);

it('is dead when its start has been given up', async () => {
  stubborn([0]);
  await expect(service.start()).rejects.toThrow(/stubborn did not start in time/);
  const [[pid] = ['']] = runs();
  expect(() => process.kill(Number(pid), 0)).toThrow(/ESRCH/);
}, 20_000);

it('is not started again before the run that was given up is dead', async () => {
  stubborn([1]);
  await service.start();
  service.kill('SIGKILL');
  while (!lines.includes('stubborn is back.')) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(runs().map(([, company]) => company)).toEqual(['alone', 'alone', 'alone']);
}, 30_000);

it('is killed when it has not ended in time after SIGTERM, and is not started again then', async () => {
  stubborn([]);
  await service.start();
  const { pid } = service;
  await service.stop(200);
  expect(() => process.kill(pid as number, 0)).toThrow(/ESRCH/);
  expect(lines).toEqual([]);
}, 20_000);
