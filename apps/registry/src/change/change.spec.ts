import { openDatabase } from '@sluice/persistence';
import { TestStores } from '@sluice/testing';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Change, rehearseChange } from './change.js';

const CONNECTIONS = 2;

let stores: TestStores;
let database: DataSource;
beforeAll(async () => {
  stores = await TestStores.start();
  const url = stores.environmentOf('registry')['DATABASE_URL'] ?? '';
  database = await openDatabase({ url, schema: 'registry', tables: [], poolSize: CONNECTIONS });
}, 60_000);
afterAll(async () => {
  await database.destroy();
  await stores.stop();
});

const rehearse = <T>(work: (change: Change) => Promise<T>) => rehearseChange(database, 'request', work);
const insert = ({ tx }: Change) =>
  tx.query("insert into account (id, email, api_role, password_hash) values (gen_random_uuid(), 'rehearsed', 'user', '')");

it('shows what a change would do, and leaves nothing of it', async () => {
  const count = `select count(*)::int as n from account where email = 'rehearsed'`;
  const seen = await rehearse(async (change) => {
    await insert(change);
    return change.tx.query<unknown>(count);
  });
  expect([seen, await database.query<unknown>(count)]).toEqual([[{ n: 1 }], [{ n: 0 }]]);
});

it('frees its connection, also if the connection is lost and nothing can be taken back', async () => {
  for (let i = 0; i <= CONNECTIONS; i++)
    await expect(rehearse(({ tx }) => tx.query('select pg_terminate_backend(pg_backend_pid())'))).rejects.toThrow();
  await expect(rehearse(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(await rehearse(({ tx }) => tx.query<unknown>('select 1 as n'))).toEqual([{ n: 1 }]);
}, 30_000);
