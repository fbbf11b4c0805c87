import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { serverUser } from './server-user.js';

it.runIf(process.getuid?.() === 0)('is "nobody", with a line that says why, if no users can be created', async () => {
  const id = execFileSync('which', ['id']).toString().trim();
  const programs = mkdtempSync(path.join(tmpdir(), 'sluice-programs-'));
  symlinkSync(id, path.join(programs, 'id'));
  const before = process.env['PATH'];
  const lines: string[] = [];
  process.env['PATH'] = programs;
  try {
    expect((await serverUser((line) => lines.push(line), 'sluice-nowhere'))?.name).toBe('nobody');
  } finally {
    process.env['PATH'] = before;
    rmSync(programs, { recursive: true });
  }
  expect(lines).toEqual([expect.stringContaining('its own user sluice-nowhere could not be created')]);
});

it.runIf(process.getuid?.() !== 0)('is no other user if the test runs as an ordinary user', async () => {
  expect(await serverUser()).toBeUndefined();
});
