import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LogTail } from './log-tail.js';

let folder: string;
const file = () => path.join(folder, 'log');
const fatal = (message: string) =>
  `${JSON.stringify({ level: 'fatal', err: { message, stack: 'Error\n  at x' }, msg: 'could not start' })}\n`;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-tail-'));
  writeFileSync(file(), 'what an earlier run said\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('returns the last plain lines that were added, without a stack', () => {
  const tail = new LogTail(file());
  expect(tail.lastReason()).toBe('');
  appendFileSync(
    file(),
    `{"level":"info"}\n${'x\n'.repeat(9)}relay: the configuration is invalid:\n  at start (main.js:1)\n${fatal('no')}`,
  );
  expect(tail.lastReason()).toBe(`${'x\n'.repeat(4)}relay: the configuration is invalid:`);
});

it('returns the reason of a fatal line when no line is plain, also after the file was truncated or removed', () => {
  const tail = new LogTail(file());
  appendFileSync(file(), `{"level":"error","err":{"message":"lost"}}\n${fatal('the bus is away')}{"level":`);
  expect(tail.lastReason()).toBe('the bus is away');
  truncateSync(file());
  appendFileSync(file(), 'rotated\n');
  expect(tail.lastReason()).toBe('rotated');
  rmSync(file());
  expect(tail.lastReason()).toBe('');
});

it('returns the one line in which the process states the reason', () => {
  const tail = new LogTail(file());
  appendFileSync(
    file(),
    'LOG:  starting\nFATAL:  the disk is full\nFATAL:  the database system is starting up\nLOG:  shut down\n',
  );
  expect(tail.lastReason(/(?<=FATAL: {2})(?!the database system is ).*/)).toBe('the disk is full');
  expect(tail.lastReason(/(?<=PANIC: {2}).*/)).toContain('LOG:  shut down');
});
