import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LogRotation } from './log-rotation.js';
import { ServiceProcess } from './service-process.js';

let folder: string;
let logs: string;
let said: string[];
let service: ServiceProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-logs-'));
  logs = path.join(folder, 'logs');
  mkdirSync(logs);
  said = [];
});
afterEach(async () => {
  await service?.stop(0);
  rmSync(folder, { recursive: true, force: true });
});

const rotation = (limitBytes: number) =>
  new LogRotation([logs, path.join(folder, 'absent')], limitBytes, (line) => said.push(line));
const read = (name: string) => readFileSync(path.join(logs, name), 'utf8');

it('rotates the log of a running service, which continues to write at the beginning', async () => {
  const main = path.join(folder, 'main.mjs');
  // a hundred bytes at the start and at each SIGUSR2
  writeFileSync(
    main,
    `import { writeSync } from 'node:fs';
    let line = 0;
    const write = () => writeSync(1, String(line++).padEnd(99, '.') + '\\n');
    process.on('SIGUSR2', write);
    setInterval(() => undefined, 1000);
    write();
    process.send({ operationsPort: 1 });`,
  );
  service = new ServiceProcess({
    node: process.execPath,
    name: 'service',
    main,
    env: {},
    logFile: path.join(logs, 'service.log'),
    record: path.join(folder, 'pid'),
    restart: false,
    say: () => undefined,
  });
  await service.start();
  for (const line of ['1', '2']) {
    await rotation(99).check();
    expect(read('service.log')).toBe('');
    service.kill('SIGUSR2');
    await expect.poll(() => read('service.log'), { interval: 10 }).toBe(`${line.padEnd(99, '.')}\n`);
  }
  expect(read('service.log.1')).toBe(`${'1'.padEnd(99, '.')}\n`);
  expect(readdirSync(logs).sort()).toEqual(['service.log', 'service.log.1']);
  expect(said).toEqual([]);
}, 20_000);

it('leaves alone files within the limit and files that are not logs', async () => {
  writeFileSync(path.join(logs, 'short.log'), 'x'.repeat(100));
  writeFileSync(path.join(logs, 'other.json'), 'x'.repeat(101));
  await rotation(100).check();
  expect(readdirSync(logs).sort()).toEqual(['other.json', 'short.log']);
});

it('truncates a file that cannot be copied, and reports that', async () => {
  writeFileSync(path.join(logs, 'long.log'), 'x'.repeat(101));
  mkdirSync(path.join(logs, 'long.log.1'));
  await rotation(100).check();
  expect(read('long.log')).toBe('');
  expect(said).toEqual([expect.stringContaining('long.log is truncated without a copy')]);
});
