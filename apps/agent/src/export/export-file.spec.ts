import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ExportFile } from './export-file.js';

const TIME = '2026-03-01T10:00:00.000Z';
const range = { authority: 'PEM', since: TIME, until: TIME, exportedAt: TIME };
const chain = { line: 'chain', author: 'registry', name: null, incarnation: 'i', from: 1, to: 1 } as const;
const fact = { line: 'digest', subject: 'audit.v1.x', incarnation: 'i', number: 1, sha256: '0'.repeat(64) } as const;

let folder: string;
beforeAll(() => void (folder = mkdtempSync(path.join(tmpdir(), 'sluice-export-'))));
afterAll(() => rmSync(folder, { recursive: true }));

it('leaves nothing of an export that failed before anything was read, so that it can be begun again', async () => {
  const name = path.join(folder, 'nothing');
  await (await ExportFile.begin(name, range)).leave();
  expect(readdirSync(folder)).toEqual([]);
  const again = await ExportFile.begin(name, range);
  await again.finish();
  expect(readdirSync(folder)).toEqual(['nothing']);
});

it('begins again where an export was killed before anything was read', async () => {
  const name = path.join(folder, 'killed');
  const killed = await ExportFile.begin(name, range);
  const again = await ExportFile.begin(name, range);
  await again.write(chain);
  await again.finish();
  expect(readFileSync(name, 'utf8').split('\n')).toHaveLength(4);
  await killed.leave();
});

it('keeps what an export has that failed later, also if it fails again before it goes on', async () => {
  const name = path.join(folder, 'some');
  const begun = await ExportFile.begin(name, range);
  await begun.write(chain);
  await begun.write(fact);
  await begun.write(fact);
  await begun.leave();
  const text = readFileSync(`${name}.part`, 'utf8');
  const resumed = await ExportFile.resume(name);
  await resumed.leave();
  expect(text.startsWith(readFileSync(`${name}.part`, 'utf8'))).toBe(true); // without the last line, which may be torn
  await expect(ExportFile.begin(name, range)).rejects.toThrow('continue it with --resume, or delete it');
});
