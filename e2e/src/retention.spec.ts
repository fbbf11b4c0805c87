import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '@sluice/process';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { TestUser } from '@sluice/testing';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from './database-owner.js';
import { Scene } from './scene.js';

/** What `sluice audit verify -o json` prints, as far as it matters here. */
interface Result {
  readonly ok: boolean;
  readonly records: number;
  readonly chains: { author: string; dropped: { through: number; facts: number; records: number } | null }[];
  readonly problems: { code: string; number?: number }[];
}

const PATIENCE_MS = 60_000;

let scene: Scene;
let owner: pg.Client;
let admin: TestUser;
let folder: string;

beforeAll(async () => {
  scene = await Scene.start();
  owner = await databaseOwner(scene.system);
  admin = await scene.system.addUser('administrator');
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-retention-'));
}, 180_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await admin.leave();
  await owner.end();
  await scene.end();
});

/** A server with a session that has ended, and a head of its relay after it. */
async function serverWithSession(): Promise<Schemas['Server']> {
  const server = await scene.system.addServer(scene.resource.port);
  await scene.system.grant([scene.user], [server]);
  const socket = connect(await scene.user.connect(server.name), '127.0.0.1');
  socket.end('hello');
  socket.resume();
  await once(socket, 'close');
  await scene.system.recordsWhen(server.id, ([record]) => record?.state === 'final', PATIENCE_MS);
  await when(async () => (await unsigned()) === 0);
  return server;
}

/** How many facts about sessions no head covers yet. */
async function unsigned(): Promise<number> {
  const { rows } = await owner.query<{ count: string }>(
    `select count(*) from audit.fact f join audit.chain c using (author, incarnation)
      where f.session_id is not null and f.number > coalesce(c.signed_through, 0)`,
  );
  return Number(rows[0]?.count);
}

/** Makes all evidence older, and the services too, as if days had passed. */
async function pass(days: number): Promise<void> {
  await owner.query('begin');
  await owner.query('update audit.fact set received_at = received_at - make_interval(days => $1)', [days]);
  await owner.query('update registry.activity set at = at - make_interval(days => $1)', [days]);
  await owner.query('alter table audit.session disable trigger user');
  await owner.query('update audit.session set settled_at = settled_at - make_interval(days => $1)', [days]);
  await owner.query('alter table audit.session enable trigger user');
  await owner.query('update audit.stream_position set age_seconds = age_seconds + 86400 * $1::int', [days]);
  await owner.query('update audit.hold set released_at = released_at - make_interval(days => $1)', [days]);
  await owner.query('commit');
}

const when = (holds: () => Promise<boolean>) => until(holds, AbortSignal.timeout(PATIENCE_MS), 200);
const retention = () => unwrap(scene.system.admin.GET('/api/v1/retention'));
const found = async (server: Schemas['Server']) =>
  (JSON.parse((await admin.run('audit', 'sessions', '--server', server.name, '-o', 'json')).stdout) as unknown[]).length;

/** Exports everything. Both verifiers say the same about it. */
async function verified(name: string): Promise<Result> {
  const file = path.join(folder, name);
  expect(await admin.run('audit', 'export', '--out', file)).toMatchObject({ status: 0 });
  const { stdout } = await admin.run('audit', 'verify', file, '-o', 'json');
  const result = JSON.parse(stdout) as Result;
  const script = path.join(import.meta.dirname, '..', '..', 'tools', 'verify_export.py');
  let other: string;
  try {
    other = execFileSync('python3', [script, '--json', file], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    other = (error as { stdout: string }).stdout;
  }
  const byPython = JSON.parse(other) as Result;
  const essence = ({ ok, records, chains, problems }: Result) => ({
    ...{ ok, records, chains: chains.map(({ author, dropped }) => ({ author, dropped })) },
    problems: problems.map(({ code, number }) => ({ code, number })),
  });
  expect(essence(byPython)).toEqual(essence(result));
  return result;
}
const droppedFrom = ({ chains }: Result) => chains.flatMap(({ dropped }) => dropped?.records ?? []).reduce((a, b) => a + b, 0);

it('drops old sessions and activities with their facts, keeps what is held until its release, and exports say so', async () => {
  const [gone, held] = [await serverWithSession(), await serverWithSession()];
  const set = await admin.run('admin', 'settings', 'set', '--session-retention', '60', '--activity-retention', '60', '--yes');
  expect(set).toMatchObject({ status: 0 });
  const made = await admin.run('audit', 'hold', 'add', '--server', held.name, '--reason', 'case 7', '-o', 'json');
  const { id } = JSON.parse(made.stdout) as { id: string };
  const tooEarly = await admin.run('audit', 'hold', 'add', '--since', '0001-01-01T00:00:00Z', '--reason', 'case 6');
  expect([tooEarly.status, tooEarly.stderr]).toEqual([2, expect.stringContaining('between 1970 and 2200')]);
  expect((await admin.run('audit', 'hold', 'list')).stdout).toContain('case 7');
  await when(async () => (await retention()).kinds.every(({ kind, askedDays }) => kind === 'facts' || askedDays === 60));
  expect((await retention()).kinds[0]).toMatchObject({ kind: 'sessions', days: 0, dueAt: expect.any(String) as string });

  await pass(100);
  await when(async () => (await retention()).droppedRecords === 1);
  expect(await Promise.all([found(gone), found(held)])).toEqual([0, 1]);
  const underHold = await verified('held.ndjson');
  expect([underHold.ok, underHold.records, droppedFrom(underHold)]).toEqual([true, 1, 1]);
  const shown = await admin.run('audit', 'retention');
  expect(shown.stdout).toMatch(/sessions +60 days[^]*Dropped: +\d+ facts, 1 record/);
  const activities = () => unwrap(scene.system.admin.GET('/api/v1/activities', { params: { query: { limit: 500 } } }));
  const before = (await activities()).items.map((activity) => activity.id);

  expect((await admin.run('audit', 'hold', 'release', id, '--yes')).stdout).toContain('Released the hold "case 7".');
  const { items } = await unwrap(scene.system.admin.GET('/api/v1/activities', { params: { query: { kind: 'hold' } } }));
  expect(items.map(({ verb }) => verb)).toEqual(['released', 'created']);
  await pass(2);
  await when(async () => (await retention()).droppedRecords === 2);
  expect(await found(held)).toBe(0);
  await when(async () => (await activities()).items.every((activity) => !before.slice(1).includes(activity.id)));
  expect((await activities()).items[0]).toMatchObject({ verb: 'released' });
  const released = await verified('released.ndjson');
  expect([released.ok, released.records, droppedFrom(released)]).toEqual([true, 0, 2]);
  expect(readFileSync(path.join(folder, 'released.ndjson'), 'utf8').includes(scene.user.email)).toBe(false);
}, 300_000);

it('loses nothing when the audit service is killed while it drops, and says of no hold meanwhile that it was placed', async () => {
  const server = await serverWithSession();
  const facts = async () => (await owner.query('select from audit.fact where session_id is not null')).rowCount;
  const before = await facts();
  const blocker = await databaseOwner(scene.system);
  await blocker.query('begin');
  await blocker.query("select from audit.chain where author like '%-%' for update");
  await pass(100);
  await when(async () => (await waiting('drop_evidence')) > 0); // what is dropped was published, and waits for the chain
  const placed = scene.system.admin.POST('/api/v1/holds', { body: { reason: 'case 8' } }).then(
    ({ response }) => response.ok,
    () => false, // no answer
  );
  await when(async () => (await waiting('pg_advisory_xact_lock')) > 0);
  scene.installation.service('audit').kill('SIGKILL'); // it is restarted
  expect(await placed).toBe(false);
  expect(await Promise.all([facts(), found(server)])).toEqual([before, 1]);
  await blocker.end(); // and its transaction with it
  await when(async () => (await retention().catch(() => undefined))?.droppedRecords === 3);
  const result = await verified('killed.ndjson');
  expect([result.ok, result.records, droppedFrom(result)]).toEqual([true, 0, 3]);
}, 300_000);

/** How many statements with this in them wait for a lock. */
async function waiting(part: string): Promise<number> {
  const { rows } = await owner.query<{ count: string }>(
    "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like $1 and pid <> pg_backend_pid()",
    [`%${part}%`],
  );
  return Number(rows[0]?.count);
}

it('is verified as incomplete if more is missing than was dropped', async () => {
  await serverWithSession(); // with facts that stay
  await owner.query(`delete from audit.fact f using audit.chain c where f.author = c.author and f.incarnation = c.incarnation
                      and c.dropped_through > 0 and f.number = c.dropped_through + 1`);
  expect((await verified('cut.ndjson')).problems).toContainEqual(expect.objectContaining({ code: 'missing' }));
}, 120_000);
