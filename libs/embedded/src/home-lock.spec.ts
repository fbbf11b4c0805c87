import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { StartError } from './home.js';
import { lockHome } from './home-lock.js';

it('lets one start at a time hold a home, whatever an earlier one left in the file', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'sluice-home-'));
  writeFileSync(path.join(home, 'lock'), '1 2 boot');
  const release = lockHome(home);
  expect(() => lockHome(home)).toThrow(StartError);
  expect(() => lockHome(home)).toThrow(`Sluice is already running in ${home} (process ${process.pid})`);
  release();
  lockHome(home)();
  const releaseGone = lockHome(home);
  rmSync(home, { recursive: true });
  releaseGone(); // somebody has removed the home, which must not prevent the stop
});
