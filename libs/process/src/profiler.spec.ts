import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const compiled = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const children: ChildProcess[] = [];
let folder: string;
/** How long a test may take on a busy machine: processes start in it. */
const BUSY_MS = 30_000;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'sluice-profile-'))));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A service that computes in a function of a known name, as a process that has started. */
async function serve(env: Record<string, string>) {
  const program = `
    import { runService } from ${JSON.stringify(compiled)};
    class Config { operations = { host: '127.0.0.1', port: 0 }; }
    const computeForLong = (n) => (n < 2 ? n : computeForLong(n - 1) + computeForLong(n - 2)); // recursive, so that it is not inlined
    setInterval(() => computeForLong(24), 5);
    await runService('example', Config, async () => ({ ready: () => ({ problems: [], degraded: [] }), stop: async () => undefined }));
  `;
  const file = path.join(folder, 'program.mjs');
  writeFileSync(file, program);
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, SLUICE_PROFILE_SECONDS: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  children.push(child);
  let said = '';
  const lines: (() => void)[] = [];
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    for (const look of lines) look();
  });
  await once(child, 'message');
  /** Waits until the log contains a text so many times. */
  const logged = (text: string, times = 1) =>
    new Promise<void>((resolve) => {
      const look = () => said.split(text).length > times && resolve();
      lines.push(look);
      look();
    });
  return { child, logged };
}

it(
  'writes where the time goes, what is allocated and a summary, and goes on working',
  async () => {
    const home = path.join(folder, 'profiles');
    const { child, logged } = await serve({ SLUICE_PROFILE_FOLDER: home });
    child.kill('SIGUSR2');
    await logged('a profile is being taken');
    child.kill('SIGUSR2');
    await logged('another one is being taken');
    await logged('a profile was written');
    const files = readdirSync(home).sort();
    expect(files.map((file) => file.replace(/^example-\d+-[\dTZ-]+\./, ''))).toEqual([
      'cpuprofile',
      'heapprofile',
      'summary.json',
    ]);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    for (const file of files) expect(statSync(path.join(home, file)).mode & 0o777).toBe(0o600);
    const [cpu, heap, summary] = files.map((file) => JSON.parse(readFileSync(path.join(home, file), 'utf8')) as unknown) as [
      { nodes: { callFrame: { functionName: string }; hitCount: number }[]; startTime: number; endTime: number },
      { head: object },
      { eventLoop: { utilization: number }; heap: { used_heap_size: number } },
    ];
    expect((cpu.endTime - cpu.startTime) / 1e6).toBeGreaterThan(0.9);
    const computing = cpu.nodes.filter(({ callFrame }) => callFrame.functionName === 'computeForLong');
    expect(computing.reduce((sum, { hitCount }) => sum + hitCount, 0)).toBeGreaterThan(2);
    expect(heap.head).toBeDefined();
    expect(summary.eventLoop.utilization).toBeGreaterThan(0);
    expect(summary.heap.used_heap_size).toBeGreaterThan(1024 * 1024);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  },
  BUSY_MS,
);

it(
  'keeps three profiles',
  async () => {
    for (const day of [1, 2, 3, 4, 5, 6])
      for (const ending of ['cpuprofile', 'summary.json'])
        writeFileSync(path.join(folder, `example-7-2026-01-0${day}T00-00-00-000Z.${ending}`), '');
    writeFileSync(path.join(folder, 'other-7-2026-01-01T00-00-00-000Z.cpuprofile'), '');
    const { child, logged } = await serve({ SLUICE_PROFILE_FOLDER: folder });
    child.kill('SIGUSR2');
    await logged('a profile was written');
    const days = readdirSync(folder).filter((file) => file.startsWith('example-7-') && file.endsWith('.cpuprofile'));
    expect(days.map((file) => file.slice(10, 20)).sort()).toEqual(['2026-01-05', '2026-01-06']);
    expect(readdirSync(folder)).toContain('other-7-2026-01-01T00-00-00-000Z.cpuprofile');
  },
  BUSY_MS,
);

it(
  'writes nothing without a folder, or into one that cannot be written, and is not ended by the signal',
  async () => {
    const without = await serve({ SLUICE_PROFILE_FOLDER: '' });
    without.child.kill('SIGUSR2');
    await without.logged('SLUICE_PROFILE_FOLDER is not set');
    const elsewhere = await serve({ SLUICE_PROFILE_FOLDER: '/proc/sluice' });
    elsewhere.child.kill('SIGUSR2');
    await elsewhere.logged('no profile could be written');
    for (const { child } of [without, elsewhere]) {
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    }
  },
  BUSY_MS,
);

it(
  'rejects a duration that is too long at the start',
  async () => {
    const program = `import { runService } from ${JSON.stringify(compiled)}; await runService('example', class {}, async () => undefined);`;
    const env = { ...process.env, SLUICE_PROFILE_SECONDS: '600' };
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.push(child);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(said).toContain('SLUICE_PROFILE_SECONDS');
  },
  BUSY_MS,
);
