import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { JsonFile, MalformedFileError } from './json-file.js';

let folder: string;
let name: string;
let file: JsonFile<z.ZodObject<{ text: z.ZodString }>>;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-json-'));
  name = path.join(folder, 'kept.json');
  file = new JsonFile(name, z.object({ text: z.string() }));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('holds nothing until it is written, and nothing after it is removed', () => {
  expect(file.read()).toBeUndefined();
  file.write({ text: 'first' });
  expect(file.read()).toEqual({ text: 'first' });
  file.remove();
  file.remove();
  expect(file.read()).toBeUndefined();
});

it('is replaced atomically: a reader that has the previous file open reads that one to its end', () => {
  file.write({ text: 'first' });
  const previous = openSync(name, 'r');
  file.write({ text: 'second' });
  expect(readFileSync(previous, 'utf8')).toContain('first');
  closeSync(previous);
  expect(file.read()).toEqual({ text: 'second' });
  expect(readdirSync(folder)).toEqual(['kept.json']);
});

it('cannot be read by anybody else, whatever was there before and whatever the umask is', () => {
  writeFileSync(name, '', { mode: 0o644 });
  writeFileSync(`${name}.${process.pid}.new`, '', { mode: 0o666 }); // left by a process that was killed
  const umask = process.umask(0);
  file.write({ text: 'secret' });
  process.umask(umask);
  expect(statSync(name).mode & 0o777).toBe(0o600);
});

it('is unchanged when the disk is full', () => {
  file.write({ text: 'first' });
  const module = fileURLToPath(new URL('../dist/json-file.js', import.meta.url));
  const script = `import(${JSON.stringify(module)}).then(({ JsonFile }) => new JsonFile(${JSON.stringify(name)}).write(Buffer.alloc(1e6)))`;
  const limited = spawnSync('sh', ['-c', `trap '' XFSZ; ulimit -f 8; exec "$0" -e '${script}'`, process.execPath], {
    encoding: 'utf8',
  });
  expect(limited.stderr).toContain('EFBIG');
  expect(file.read()).toEqual({ text: 'first' });
  expect(readdirSync(folder)).toEqual(['kept.json']);
});

it.each([
  ['cut short', '{"text": "fir'],
  ['of another shape', '{"text": 1}'],
  ['empty', ''],
])('says that it is malformed where it is %s, and is not used', (_, content) => {
  writeFileSync(name, content);
  expect(() => file.read()).toThrow(MalformedFileError);
  expect(() => file.read()).toThrow(name);
  expect(file.readIfUsable()).toBeUndefined();
});

it('distinguishes a file that cannot be read from one that is malformed', () => {
  mkdirSync(name);
  expect(() => file.read()).toThrow(expect.objectContaining({ code: 'EISDIR' }));
  expect(file.readIfUsable()).toBeUndefined();
});
