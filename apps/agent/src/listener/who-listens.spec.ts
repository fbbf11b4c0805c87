import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { whoListens } from './who-listens.js';

it.skipIf(process.platform !== 'linux')('names the program that listens, and what it runs, not its thread', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-listens-'));
  const file = path.join(folder, 'my-server.mjs');
  writeFileSync(
    file,
    `import { createServer } from 'node:net';
     const server = createServer().listen(0, '127.0.0.1', () => process.send(server.address().port));`,
  );
  const child = spawn(process.execPath, ['--no-warnings', file], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    const [port] = (await once(child, 'message')) as [number];
    expect(whoListens('127.0.0.1', port)).toBe(`node my-server.mjs (pid ${child.pid})`);
    expect(whoListens('127.0.0.1', 1)).toBe('another process');
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
