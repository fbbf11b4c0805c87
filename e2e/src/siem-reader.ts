import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { Schemas } from '@sluice/sdk';

/** The program that docs/siem.md has for an outsider. It appends the events to a file. */
const program = (): string => {
  const text = readFileSync(path.join(import.meta.dirname, '..', '..', 'docs', 'siem.md'), 'utf8');
  return /```js\n([^]*?)```/.exec(text)?.[1] ?? '';
};

/** Starts that program for a reader. */
export function runReader(
  home: string,
  reader: Schemas['SiemCredentials'],
  credentials: string,
  file: string,
): ChildProcessByStdio<null, null, Readable> {
  const { servers, stream, consumer, inboxPrefix } = reader;
  const ca = path.join(home, 'secrets', 'bus-ca.pem');
  const args = ['siem', servers[0] ?? '', credentials, ca, stream, consumer, inboxPrefix, file];
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program(), ...args], {
    stdio: ['ignore', 'inherit', 'pipe'],
    cwd: path.join(import.meta.dirname, '..'),
  });
  child.stderr.pipe(process.stderr, { end: false });
  return child;
}

/** The events in the file of a reader. */
export function eventsIn<E>(file: string): { number: number; subject: string; event: E }[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}')); // the last line may be written just now
  return lines.map((line) => JSON.parse(line) as { number: number; subject: string; event: E });
}
