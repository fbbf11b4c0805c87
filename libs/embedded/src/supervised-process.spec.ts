import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SupervisedProcess, type SupervisedProcessOptions } from './supervised-process.js';

/** What a run of the process under test does: becomes ready, never becomes ready, exits immediately with this status, or exits as deleted once it is ready. */
type Run = 'ready' | 'silent' | number | 'deleted';

let folder: string;
let lines: string[];
let notify: () => void;
let kept: SupervisedProcess<number>;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-kept-'));
  lines = [];
  notify = () => undefined;
});
afterEach(async () => {
  await kept.stop(0);
  rmSync(folder, { recursive: true, force: true });
});

/**
 * A process that ignores SIGTERM if it is `stubborn`. Each run appends its pid to `runs`, with whether an earlier run
 * was still alive, and reports its number when it is ready; runs that are not listed become ready.
 */
function keep(
  runs: readonly Run[] = [],
  more: Partial<SupervisedProcessOptions<number>> & { stubborn?: boolean; onPrepare?: () => unknown } = {},
) {
  const main = path.join(folder, 'main.mjs');
  writeFileSync(
    main,
    `import { appendFileSync, existsSync, readFileSync } from 'node:fs';
    ${more.stubborn ? "process.on('SIGTERM', () => undefined);" : ''}
    setInterval(() => undefined, 1000);
    const file = ${JSON.stringify(path.join(folder, 'runs'))};
    const before = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\\n') : [];
    const alive = (pid) => { try { return process.kill(pid, 0); } catch { return false; } };
    appendFileSync(file, process.pid + ' ' + (before.some((run) => alive(Number(run.split(' ')[0]))) ? 'beside' : 'alone') + '\\n');
    const run = ${JSON.stringify(runs)}[before.length] ?? 'ready';
    if (run === 'ready') process.send(before.length);
    if (run === 'deleted') process.send(before.length, () => process.exit(77));
    if (typeof run === 'number') {
      console.log('{"level":"info"}');
      console.error('the disk is full');
      process.exit(run);
    }`,
  );
  kept = new SupervisedProcess<number>({
    name: 'Store',
    logFile: path.join(folder, 'log'),
    record: path.join(folder, 'pid'),
    prepare: async () => {
      await more.onPrepare?.();
      return { file: process.execPath, args: [main], env: {}, ipc: true };
    },
    ready: (child) => new Promise((resolve) => child.once('message', (message) => resolve(message as number))),
    startTimeoutMs: 2500,
    stopSignal: 'SIGTERM',
    restart: true,
    say: (line) => {
      lines.push(line);
      notify();
    },
    ...more,
  });
  return kept;
}

async function said(line: string): Promise<void> {
  while (!lines.includes(line)) await new Promise<void>((resolve) => (notify = resolve));
}

const runs = () =>
  readFileSync(path.join(folder, 'runs'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, string]);

const isAlive = (pid: number | undefined): boolean => {
  try {
    return process.kill(pid as number, 0);
  } catch {
    return false;
  }
};

it('is restarted when it was killed, also when a start fails in between', async () => {
  await keep(['ready', 3]).start();
  kept.kill('SIGKILL');
  await said('Store is back.');
  expect(kept.value).toBe(2);
  const log = path.join(folder, 'log');
  expect(lines.map((line) => line.replace(/in \d\.\d s/, 'in a moment'))).toEqual([
    `Store ended unexpectedly (SIGKILL); it is restarted in a moment. Its log: ${log}`,
    `Store ended while it started: the disk is full; it is restarted in a moment. Its log: ${log}`,
    'Store is back.',
  ]);
}, 20_000);

it('says why the first start failed, and where its log is', async () => {
  await expect(keep([3]).start()).rejects.toThrow(
    `Store ended while it started: the disk is full\nIts log: ${path.join(folder, 'log')}`,
  );
  await expect(keep([], { prepare: () => ({ file: path.join(folder, 'nothing'), args: [], env: {} }) }).start()).rejects.toThrow(
    /Store could not be started: spawn .* ENOENT/,
  );
  expect(lines).toEqual([]);
}, 20_000);

it('is dead once its start was abandoned', async () => {
  await expect(keep(['silent'], { stubborn: true }).start()).rejects.toThrow(/Store did not start in time/);
  expect(runs().map(([pid]) => isAlive(Number(pid)))).toEqual([false]);
}, 20_000);

it('is not restarted before the abandoned run is dead', async () => {
  await keep(['ready', 'silent'], { stubborn: true }).start();
  kept.kill('SIGKILL');
  await said('Store is back.');
  expect(runs().map(([, company]) => company)).toEqual(['alone', 'alone', 'alone']);
}, 30_000);

it('is killed when it does not stop in time, and is not restarted then', async () => {
  await keep([], { stubborn: true }).start();
  const { pid } = kept;
  await kept.stop(200);
  expect(isAlive(pid)).toBe(false);
  expect(lines).toEqual([]);
}, 20_000);

it('leaves nothing behind when it is stopped during a restart', async () => {
  let hold: (release: () => void) => void;
  const held = new Promise<() => void>((resolve) => (hold = resolve));
  let starts = 0;
  const onPrepare = () => (++starts === 2 ? new Promise<void>((release) => hold(release)) : undefined);
  await keep([], { onPrepare }).start();
  kept.kill('SIGKILL');
  const release = await held;
  const stopped = kept.stop();
  release();
  await stopped;
  expect(runs()).toHaveLength(1);
  expect(isAlive(kept.pid)).toBe(false);
}, 20_000);

it('is stopped in the middle of a start that reports nothing', async () => {
  const start = keep(['silent'], { startTimeoutMs: 60_000 }).start();
  const failed = expect(start).rejects.toThrow(/Store ended while it started/);
  await expect.poll(() => kept.pid).toBeDefined();
  await kept.stop();
  await failed;
  expect(isAlive(kept.pid)).toBe(false);
}, 20_000);

it('is not restarted after an exit status that rules out a restart', async () => {
  await keep(['deleted'], { final: { 77: 'was deleted' } }).start();
  await said(`Store was deleted, so it is not restarted. Its log: ${path.join(folder, 'log')}`);
  expect(lines).toHaveLength(1);
}, 20_000);

it('is stopped when an earlier start left it behind, and nothing runs beside it', async () => {
  const left = keep([], { restart: false }); // restarted, it would stop the next one in turn
  await left.start();
  const { pid } = left;
  await keep([], { restart: false }).start();
  expect(isAlive(pid)).toBe(false);
  expect(lines).toContain('Store of an earlier start was still running; it was stopped.');
  expect(runs().map(([, company]) => company)).toEqual(['alone', 'alone']);
  await left.stop();
}, 20_000);
