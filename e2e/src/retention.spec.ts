import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '@sluice/process';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { TestUser } from '@sluice/testing';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from './database-owner.js';
import { Scene } from './scene.js';

let scene: Scene;
let owner: pg.Client;
let admin: TestUser;
let server: Schemas['Server'];
let folder: string;

beforeAll(async () => {
  scene = await Scene.start();
  owner = await databaseOwner(scene.system);
  admin = await scene.system.addUser('administrator');
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-retention-'));
  server = await scene.system.addServer(scene.resource.port);
  await scene.system.grant([scene.user], [server]);
}, 180_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await admin.leave();
  await owner.end();
  await scene.end();
});

/** Carries a session, and waits until it has a record and a head of its relay covers its facts. */
async function session(): Promise<void> {
  const before = (await records()).length;
  const port = await scene.user.connect(server.name);
  const socket = connect(port, '127.0.0.1');
  socket.end('hello');
  socket.resume();
  await once(socket, 'close');
  await until(async () => (await records()).length > before, AbortSignal.timeout(60_000), 100);
  await until(
    async () =>
      (await count(`select count(*) from audit.fact f join audit.chain c using (author, incarnation)
                     where f.session_id is not null and f.number > coalesce(c.signed_through, 0)`)) === 0,
    AbortSignal.timeout(60_000),
    200,
  );
}
const count = async (sql: string): Promise<number> => Number((await owner.query<{ count: string }>(sql)).rows[0]?.count);
const records = async (): Promise<string[]> =>
  (await owner.query<{ id: string }>("select id from audit.session where state = 'final' order by settled_at")).rows.map(
    ({ id }) => id,
  );

/** Makes all evidence older, as if days had passed, and the retention settled. */
async function pass(days: number): Promise<void> {
  await owner.query('update audit.fact set received_at = received_at - make_interval(days => $1)', [days]);
  await owner.query('alter table audit.session disable trigger user');
  await owner.query('update audit.session set settled_at = settled_at - make_interval(days => $1)', [days]);
  await owner.query('alter table audit.session enable trigger user');
  await owner.query('update audit.stream_position set age_seconds = age_seconds + 86400 * $1', [days]);
}

it('drops old sessions with their facts, keeps what is held, and an export of everything says so and verifies', async () => {
  await session();
  const set = await admin.run('admin', 'settings', 'set', '--session-retention', '60');
  expect(set.stdout).toContain('--session-retention');
  await until(async () => (await retention()).kinds[0]?.askedDays === 60, AbortSignal.timeout(120_000), 500);
  expect((await retention()).kinds[0]).toMatchObject({ kind: 'sessions', days: 0, dueAt: expect.any(String) as string });
  const made = await admin.run('audit', 'hold', 'add', '--server', server.name, '--reason', 'case 7', '-o', 'json');
  const { id } = JSON.parse(made.stdout) as { id: string };
  await pass(100);
  await until(async () => (await retention()).kinds[0]?.days === 60, AbortSignal.timeout(120_000), 500);
  await session(); // and a head after it
  expect((await records()).length).toBe(2);
  expect((await admin.run('audit', 'hold', 'release', id, '--yes')).stdout).toContain('Released the hold "case 7".');
  const { items } = await unwrap(scene.system.admin.GET('/api/v1/activities', { params: { query: { kind: 'hold' } } }));
  expect(items.map(({ verb }) => verb)).toEqual(['released', 'created']);
  await pass(2);
  await until(async () => (await retention()).droppedRecords === 1, AbortSignal.timeout(180_000), 500);
  expect((await records()).length).toBe(1);

  const file = path.join(folder, 'all.ndjson');
  await admin.run('audit', 'export', '--out', file);
  expect(readFileSync(file, 'utf8')).toContain('{"line":"dropped"');
  const verified = await admin.run('audit', 'verify', file);
  expect(verified.stdout).toMatch(/numbers 1 to \d+ were dropped by retention until .*: \d+ facts, 1 record/);
  expect(verified.stdout).toContain('Nothing is wrong.');

  await owner.query(`delete from audit.fact f using audit.chain c where f.author = c.author and f.incarnation = c.incarnation
                      and c.dropped_through > 0 and f.number = c.dropped_through + 1`);
  const cut = path.join(folder, 'cut.ndjson');
  await admin.run('audit', 'export', '--out', cut);
  expect(await admin.run('audit', 'verify', cut)).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('missing') as string,
  });
}, 600_000);

const retention = () => unwrap(scene.system.admin.GET('/api/v1/retention'));
