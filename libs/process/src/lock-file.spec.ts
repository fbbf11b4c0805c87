import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { lockFile } from './lock-file.js';

const HOLD = `const { openSync } = require('node:fs');
require('fs-native-extensions').tryLock(openSync(process.argv[1], 'a'), { exclusive: true });
console.log('locked');
setInterval(() => undefined, 1000);`;

it('is refused while another process holds it, however that process ends', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-lock-'));
  const file = path.join(folder, 'lock');
  const holder = spawn(process.execPath, ['-e', HOLD, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    holder.kill('SIGKILL'); // also when an expectation failed
    rmSync(folder, { recursive: true });
  });
  await once(holder.stdout, 'data');
  expect(lockFile(file)).toBeUndefined();
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const release = lockFile(file);
  expect(release).toBeDefined();
  expect(lockFile(file)).toBeUndefined();
  release?.();
  lockFile(file)?.();
});
