import { randomUUID } from 'node:crypto';
import { openDatabase } from '@sluice/persistence';
import { TestStores } from '@sluice/testing';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readEntries } from './policy-entries.js';

let stores: TestStores;
let database: DataSource;

beforeAll(async () => {
  stores = await TestStores.start();
  database = await openDatabase({ url: stores.environmentOf('registry')['DATABASE_URL'] ?? '', schema: 'registry', tables: [] });
}, 60_000);

afterAll(async () => {
  await database.destroy();
  await stores.stop();
});

async function account(status: string, deletedAgo: string | null): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into account (id, email, api_role, password_hash, status, deleted_at)
     values ($1, $2, 'user', '', $3, now() - $4::interval)`,
    [id, `${id}@example.test`, status, deletedAgo],
  );
  return id;
}

it('names a deleted account as long as a certificate of it can be valid, and a suspended one until it is resumed', async () => {
  const named = [await account('suspended', null), await account('deleted', '1 hour'), await account('deleted', null)];
  const others = [await account('active', null), await account('deleted', '3 hours')];
  const entries = await readEntries('revoked', database.manager, [...named, ...others]);
  expect(entries.map(({ value }) => value.id).sort()).toEqual([...named].sort());
});
