import { unwrap } from '@sluice/sdk';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { Scene } from '../scene.js';

const WITHIN = { timeout: 20_000 };

let scene: Scene;
let owner: pg.Client;
beforeAll(async () => {
  scene = await Scene.start();
  owner = await databaseOwner(scene.system);
});
afterAll(async () => {
  await owner.end();
  await scene.end();
});

/** Facts of an activity that the audit service has, and whether the registry knows that it is published. */
async function facts(name: string): Promise<{ ids: string[]; marked: boolean }> {
  const stored = await owner.query<{ id: string }>(
    "select id from audit.fact where subject like 'audit.v1.activity.%' and position($1::bytea in bytes) > 0",
    [Buffer.from(name)],
  );
  const row = await owner.query('select 1 from registry.activity where object_name = $1 and published_at is not null', [name]);
  return { ids: stored.rows.map(({ id }) => id), marked: row.rows.length === 1 };
}

it('makes one fact of an activity, also when the registry fails and is killed between publishing and knowing it', async () => {
  await owner.query(`
    create function registry.refuse_mark() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
    create trigger refuse_mark before update on registry.activity for each row execute function registry.refuse_mark();
  `);
  const name = 'published once';
  await unwrap(scene.system.admin.POST('/api/v1/roles', { body: { name } }));
  await expect.poll(async () => (await facts(name)).ids.length, WITHIN).toBe(1);
  const registry = scene.installation.service('registry');
  const { pid } = registry;
  registry.kill('SIGKILL');
  await owner.query('drop trigger refuse_mark on registry.activity');
  await expect.poll(async () => (await facts(name)).marked, WITHIN).toBe(true);
  expect(registry.pid).not.toBe(pid);
  const later = 'published after it';
  await expect
    .poll(
      () => scene.system.admin.POST('/api/v1/roles', { body: { name: later } }).then(({ response }) => response.status),
      WITHIN,
    )
    .toBe(201);
  await expect.poll(async () => (await facts(later)).ids.length, WITHIN).toBe(1); // all before it is stored
  expect((await facts(name)).ids).toHaveLength(1);
});
