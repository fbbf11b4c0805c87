import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const compiled = JSON.stringify(fileURLToPath(new URL('../dist/index.js', import.meta.url)));
const NODE = [process.execPath, '--input-type=module', '--eval'];

/** Whether this process may mount in a namespace of its own. */
const canMount = ((): boolean => {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Runs a program whose output and errors go to a file system of 64 kB. @returns its status, and what is in the file */
function runOnSmallDisk(program: string): { status: number | null; log: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-disk-'));
  const script = `mount -t tmpfs -o size=64k none "$1"; cd "$1"; shift; "$@" > log 2>&1; status=$?; cat log; exit $status`;
  const { status, stdout } = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', folder, ...NODE, program], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  rmSync(folder, { recursive: true });
  return { status, log: stdout };
}

it.skipIf(!canMount)('loses lines on a full disk and says how many, but neither the process nor its exit status', () => {
  const { status, log } = runOnSmallDisk(`
    import { rmSync, writeFileSync } from 'node:fs';
    import { setTimeout } from 'node:timers/promises';
    import { createLog } from ${compiled};
    const log = createLog('example');
    writeFileSync('ballast', Buffer.alloc(20_000));
    for (let i = 0; i < 100; i++) {
      log.info({ i, text: 'x'.repeat(1000) }, 'line');
      await setTimeout(1); // each is written separately
    }
    log.fatal('this one is lost too');
    await setTimeout(100);
    rmSync('ballast');
    log.fatal('there is room');
    process.exit(74);`);
  expect(status).toBe(74);
  const lines = log.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as { msg: string; lines?: number }];
    } catch {
      return []; // the line that was cut, and the end of the text
    }
  });
  const written = lines.filter(({ msg }) => msg === 'line').length;
  expect(written).toBeGreaterThan(10);
  expect(lines.slice(written).map(({ msg, lines: lost }) => [msg, lost])).toEqual([
    ['lines could not be written here', 101 - written],
    ['there is room', undefined],
  ]);
});

it.each([
  ['stops in order', 'setTimeout(() => process.kill(process.pid, "SIGTERM"), 100)', 0],
  ['exits with 2 for its configuration', 'throw new ConfigError("nothing fits")', 2],
  ['exits with 1 for a fault', 'setTimeout(() => { throw new Error("fault") }, 100)', 1],
])('a service whose output takes nothing %s', (_, start, status) => {
  const program = `
    import { ConfigError, runService } from ${compiled};
    class Config { operations = { host: '127.0.0.1', port: 0 }; }
    await runService('example', Config, async () => { ${start}; return { ready: () => ({ problems: [], degraded: [] }), stop: async () => undefined }; });`;
  const full = openSync('/dev/full', 'w');
  const child = spawnSync(NODE[0] as string, [...NODE.slice(1), program], { stdio: ['ignore', full, full], timeout: 20_000 });
  expect([child.status, child.signal]).toEqual([status, null]);
});

it('never waits for a reader: what a slow one has not read is kept up to a limit, and the rest is counted', async () => {
  const program = `
    import { createLog } from ${compiled};
    const log = createLog('example');
    for (let i = 0; i < 10_000; i++) log.info({ text: 'x'.repeat(1000) }, 'line');
    setImmediate(() => process.send('continues'));`;
  const child = spawn(NODE[0] as string, [...NODE.slice(1), program], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  expect(await once(child, 'message')).toEqual(['continues', undefined]); // although nobody has read anything
  child.disconnect();
  const text = (await (child.stdout as Readable).toArray()).join('');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string; lines?: number });
  const missing = lines.filter(({ msg }) => msg !== 'line').map((notice) => (notice.lines ?? 0) - 1); // it is a line itself
  expect(missing.reduce((sum, count) => sum + count, lines.length)).toBe(10_000);
  expect(lines.length).toBeLessThan(3000);
});
