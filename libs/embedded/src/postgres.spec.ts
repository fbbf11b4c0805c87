import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startPostgres } from './postgres.js';
import type { RunningStore } from './store.js';

const asRoot = process.getuid?.() === 0;
let folder: string;
let running: RunningStore | undefined;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-postgres-'));
  chmodSync(folder, 0o711);
  process.env['SLUICE_TEST_SECRET'] = 'of the shell';
});
afterEach(async () => running?.stop());
afterAll(() => {
  delete process.env['SLUICE_TEST_SECRET'];
  rmSync(folder, { recursive: true, force: true });
});

const start = async (options: { startTimeoutMs?: number } = {}) =>
  (running = await startPostgres(folder, 'for-tests-alone', options));
const data = () => path.join(folder, 'data');
const idOf = (name: string) => Number(execFileSync('id', ['-u', name]));

/** The rows of the test's table. */
async function query(text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: running?.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Everything in a folder, with its owner. */
const owners = (of: string): Set<number> =>
  new Set(
    [of, ...readdirSync(of, { recursive: true }).map((name) => path.join(of, String(name)))].map((file) => statSync(file).uid),
  );

/** Processes that have the folder in their command line. */
const processes = () =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  });

it('receives only those variables of our environment that it needs', async () => {
  const { process: child } = await start();
  await query('create table kept as select 42 as answer');
  const names = readFileSync(`/proc/${child.pid}/environ`, 'utf8')
    .split('\0')
    .flatMap((line) => (line === '' ? [] : [line.split('=')[0]]));
  expect(names.filter((name) => name !== 'PGLOCALEDIR' && name !== 'PGSYSCONFDIR').sort()).toEqual([
    'HOME',
    'LANG',
    'LC_ALL',
    'PATH',
    'TZ',
  ]);
}, 60_000);

it.runIf(asRoot)(
  'runs as a separate user, who is the only owner of its data',
  async () => {
    const { process: child } = await start();
    const own = idOf('sluice-postgres');
    expect(own).not.toBe(idOf('nobody'));
    expect(statSync(`/proc/${child.pid}`).uid).toBe(own);
    expect(owners(data())).toEqual(new Set([own]));
    expect(statSync(data()).mode & 0o777).toBe(0o700);
  },
  60_000,
);

it.runIf(asRoot)(
  'takes over the data that an earlier release left to "nobody", and follows no link there',
  async () => {
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'sluice-elsewhere-'));
    execFileSync('ln', ['-s', elsewhere, path.join(data(), 'link')]);
    execFileSync('chown', ['-R', '-h', 'nobody', data()]);
    await start();
    expect(await query('select * from kept')).toEqual([{ answer: 42 }]);
    expect(statSync(elsewhere).uid).toBe(0);
    rmSync(path.join(data(), 'link'));
    expect(owners(data())).toEqual(new Set([idOf('sluice-postgres')]));
    rmSync(elsewhere, { recursive: true });
  },
  60_000,
);

it('is dead once it was abandoned because it was not ready in time', async () => {
  await expect(start({ startTimeoutMs: 1 })).rejects.toThrow(/PostgreSQL did not start in time/);
  expect(processes()).toEqual([]);
  await start(); // and the next start succeeds
}, 60_000);

it('ends the server that an earlier start left behind on the same data', async () => {
  const { process: left } = await start();
  await start();
  expect([left.exitCode, left.signalCode]).toEqual([0, null]);
  expect(await query('select answer from kept')).toEqual([{ answer: 42 }]);
}, 60_000);

it.runIf(asRoot)(
  "signals no process that PostgreSQL's user names, whatever its command line says",
  async () => {
    await start();
    await running?.stop();
    const ours = spawn(process.execPath, ['-e', 'process.send(1); setInterval(() => undefined, 1000)', data()], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await once(ours, 'message');
    const postmasterPid = path.join(data(), 'postmaster.pid');
    writeFileSync(postmasterPid, `${ours.pid}\n${data()}\n`);
    execFileSync('chown', ['sluice-postgres', postmasterPid]);
    await start();
    expect([ours.exitCode, ours.signalCode]).toEqual([null, null]);
    ours.kill('SIGKILL');
    await once(ours, 'exit');
  },
  60_000,
);

it('says why it cannot start, in the words of the server', async () => {
  await start();
  const url = new URL(running?.url ?? '');
  await running?.stop();
  const version = path.join(data(), 'PG_VERSION');
  const genuine = readFileSync(version);
  writeFileSync(version, '9\n');
  await expect(start()).rejects.toThrow(
    /^PostgreSQL ended while it started: database files are incompatible with server\nIts log: /,
  );
  writeFileSync(version, genuine);
  await start();
  expect(new URL(running?.url ?? '').port).toBe(url.port);
}, 60_000);
