import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  await (await ExportFile.begin(name, range)).close();
  expect(readdirSync(folder)).toEqual([]);
  const again = await ExportFile.begin(name, range);
  await again.finish();
  expect(readdirSync(folder)).toEqual(['nothing']);
});

it.each(['{"line":"export","format":"slu', '{"line":"export","format":"sluice-audit-export"}\n', '', 'id,start'])(
  'replaces %j, which an export of an earlier release left',
  async (left) => {
    const name = path.join(folder, 'left');
    writeFileSync(`${name}.part`, left);
    const again = await ExportFile.begin(name, range);
    await again.write(chain);
    await again.finish();
    expect(readFileSync(name, 'utf8').split('\n')).toHaveLength(4);
    rmSync(name);
  },
);

it('keeps what an export has that failed later, also if it fails again before it goes on', async () => {
  const name = path.join(folder, 'some');
  const begun = await ExportFile.begin(name, range);
  await begun.write(chain);
  await begun.write(fact);
  await begun.write(fact);
  await begun.close();
  const text = readFileSync(`${name}.part`, 'utf8');
  const resumed = await ExportFile.resume(name);
  await resumed.close();
  expect(text.startsWith(readFileSync(`${name}.part`, 'utf8'))).toBe(true); // without the last line, which may be torn
  await expect(ExportFile.begin(name, range)).rejects.toThrow('continue it with --resume, or delete it');
});

it('leaves alone what another export writes that was begun with the same name, whichever of them ends first', async () => {
  const name = path.join(folder, 'twice');
  const [one, other] = [await ExportFile.begin(name, range), await ExportFile.begin(name, range)];
  await one.write(chain);
  await expect(other.write(chain)).rejects.toThrow('cannot be written');
  await other.close();
  await one.finish();
  expect(readFileSync(name, 'utf8').split('\n')).toHaveLength(4);
});

it.each(['', '\n', '\n{"line":"export"'])(
  'does not take a file of somebody else with one line and %j after it for its own',
  async (end) => {
    const name = path.join(folder, 'foreign');
    writeFileSync(`${name}.part`, `secret${end}`);
    await expect(ExportFile.begin(name, range)).rejects.toThrow('is not an unfinished export');
    expect(readFileSync(`${name}.part`, 'utf8')).toBe(`secret${end}`);
    rmSync(`${name}.part`);
  },
);
