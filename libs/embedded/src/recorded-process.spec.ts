import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordProcess, isStillRunning, stopRecorded } from './recorded-process.js';

let folder: string;
let child: ChildProcess;
const file = () => path.join(folder, 'pid');

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-recorded-'));
  child = spawn('sleep', ['600'], { stdio: 'ignore' });
  await once(child, 'spawn');
  recordProcess(file(), child.pid);
});
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

it('stops the process that was recorded, and finds nothing afterwards', async () => {
  expect(await stopRecorded(file(), 'SIGTERM')).toBe(true);
  if (child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGTERM');
  expect(await stopRecorded(file(), 'SIGTERM')).toBe(false);
});

it('leaves alone a process with the recorded pid that was started at another time or after another boot', async () => {
  const [pid, ticks, boot] = readFileSync(file(), 'utf8').trim().split(' ');
  for (const text of [`${pid} ${Number(ticks) - 1} ${boot}`, `${pid} ${ticks} another-boot`, `${pid}`, '', 'no pid']) {
    writeFileSync(file(), `${text}\n`);
    expect(await stopRecorded(file(), 'SIGKILL')).toBe(false);
  }
  rmSync(file());
  expect(await stopRecorded(file(), 'SIGKILL')).toBe(false);
  expect(child.signalCode).toBeNull();
});

it('considers a zombie process gone', async () => {
  const parent = spawn('perl', ['-e', '$| = 1; my $pid = fork // die; exit if !$pid; print "$pid\\n"; sleep 600'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const stat = () => readFileSync(`/proc/${Number(said)}/stat`, 'utf8').split(' ');
  await expect.poll(() => stat()[2]).toBe('Z');
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  expect(isStillRunning(`${stat()[0]} ${stat()[21]} ${boot}`)).toBe(false);
  parent.kill('SIGKILL');
});
