import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { RotatingFile } from './rotating-file.js';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-rotating-'));
afterAll(() => rmSync(folder, { recursive: true }));
let next = 0;
const name = () => path.join(folder, String(next++), 'events.ndjson').replace(/\/events/, '-events');
const ROTATION = { maxBytes: 1000, maxAgeMs: 3_600_000, keep: undefined, lineStart: 'torn' };

it('appends lines to a file that only its owner can read, and takes up a file that is there', async () => {
  const file = name();
  const one = await RotatingFile.open(file, ROTATION);
  await one.append(['a', 'b'], new Date());
  one.close();
  const other = await RotatingFile.open(file, ROTATION);
  await other.append(['c'], new Date());
  other.close();
  expect(readFileSync(file, 'utf8')).toBe('a\nb\nc\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('removes what a kill or a full disk has left of a line', async () => {
  const file = name();
  writeFileSync(file, `whole\n${'torn'.repeat(40_000)}`);
  const opened = await RotatingFile.open(file, { ...ROTATION, maxBytes: 1e9 });
  expect(readFileSync(file, 'utf8')).toBe('whole\n');
  appendFileSync(file, 'torn again');
  await opened.append(['next'], new Date());
  expect(readFileSync(file, 'utf8')).toBe('whole\nnext\n');
  opened.close();
});

it('does not touch a file that somebody else has written', async () => {
  for (const content of ['a password', 'first\nsecond', 'torm']) {
    const file = name();
    writeFileSync(file, content);
    await expect(RotatingFile.open(file, ROTATION)).rejects.toThrow('ends with text that no export has written');
    expect(readFileSync(file, 'utf8')).toBe(content);
    writeFileSync(file, 'line\nto');
    (await RotatingFile.open(file, ROTATION)).close();
    expect(readFileSync(file, 'utf8')).toBe('line\n');
  }
});

it('has one writer at a time', async () => {
  const file = name();
  const one = await RotatingFile.open(file, ROTATION);
  await expect(RotatingFile.open(file, ROTATION)).rejects.toThrow(`another process writes to ${file}`);
  one.close();
  (await RotatingFile.open(file, ROTATION)).close();
});

it('does not follow a symbolic link', async () => {
  const [file, target] = [name(), name()];
  writeFileSync(target, 'mine\n');
  symlinkSync(target, file);
  await expect(RotatingFile.open(file, ROTATION)).rejects.toThrow('ELOOP');
  expect(readFileSync(target, 'utf8')).toBe('mine\n');
});

it('replaces a file that is too large or too old, loses no line, and keeps as many as it is told', async () => {
  const file = name();
  const opened = await RotatingFile.open(file, { ...ROTATION, maxBytes: 100, keep: 2 });
  const replaced = () =>
    readdirSync(folder)
      .filter((one) => one.startsWith(path.basename(file, '.ndjson')) && /\.\d{8}T\d{6}\.\d{3}Z\.ndjson$/.test(one))
      .sort();
  const start = Date.now();
  const line = 'x'.repeat(60);
  for (let i = 0; i < 5; i++) {
    await opened.append([`${i}${line}`], new Date(start + i));
    if (i < 3) expect(replaced()).toHaveLength(i);
  }
  expect(replaced()).toHaveLength(2);
  expect(replaced().map((one) => readFileSync(path.join(folder, one), 'utf8')[0])).toEqual(['2', '3']);
  expect(readFileSync(file, 'utf8')[0]).toBe('4');
  await opened.append(['old'], new Date(start + 2 * ROTATION.maxAgeMs));
  expect(readFileSync(file, 'utf8')).toBe('old\n');
  opened.close();
});
