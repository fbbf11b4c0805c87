import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { beforeEach, expect, it } from 'vitest';
import { useRegistryDatabase } from '../testing/use-registry-database.js';
import { foldRefusals } from './fold-refusals.js';
import { noteRefusal, type Refusal } from './note-refusal.js';

let database: DataSource;
useRegistryDatabase((opened) => void (database = opened));
beforeEach(async () => {
  await database.query('delete from refusal');
  // a minute that is ending would split the counts of a test in two
  const [{ left }] = await database.query<[{ left: number }]>('select 60 - extract(second from now())::float8 as left');
  if (left < 15) await sleep(left * 1000 + 100);
}, 20_000);

const known = { id: randomUUID(), email: 'known@example.test' };
const failed = (address: string, account?: Refusal['account']): Promise<void> =>
  noteRefusal(database, { kind: 'login failed', account, address });
const rows = () =>
  database.query<{ account_id: string | null; address: string; count: number }[]>(
    'select account_id, address, count from refusal order by count desc, address',
  );

it('counts refusals that are alike in one row', async () => {
  for (let i = 0; i < 3; i++) await failed('192.0.2.1', known);
  await failed('192.0.2.1');
  expect(await rows()).toEqual([
    { account_id: known.id, address: '192.0.2.1', count: 3 },
    { account_id: null, address: '192.0.2.1', count: 1 },
  ]);
});

it('keeps fifty rows of a kind in a minute and counts the others in one, but each known account keeps one of its own', async () => {
  for (let i = 0; i < 60; i++) await failed(`192.0.2.${i}`);
  await failed('198.51.100.1', known); // not hidden behind the flood
  await failed('198.51.100.2', known);
  await failed('192.0.2.0'); // an existing row continues to count
  const all = await rows();
  expect(all).toHaveLength(52);
  expect(all.filter(({ address, account_id }) => address === 'others' && account_id === null)).toMatchObject([{ count: 10 }]);
  expect(all.filter(({ account_id }) => account_id === known.id)).toMatchObject([{ address: 'others', count: 2 }]);
  expect(all.find(({ address }) => address === '192.0.2.0')?.count).toBe(2);
  await noteRefusal(database, { kind: 'call denied', account: known, address: '192.0.2.1', operation: 'users.list' });
  expect(await rows()).toHaveLength(53); // another kind has a budget of its own
});

it('turns the refusals of past minutes into activities, once', async () => {
  for (let i = 0; i < 3; i++) await failed('192.0.2.1', known);
  await foldRefusals(database);
  expect(await rows()).toHaveLength(1); // this minute is not over
  const later = new Date(Date.now() + 120_000);
  const ids = await foldRefusals(database, later);
  expect(await foldRefusals(database, later)).toEqual([]);
  const activities = await database.query('select id, verb, object_name, after from activity');
  expect(activities).toEqual([
    {
      id: ids[0],
      verb: 'failed',
      object_name: known.email,
      after: expect.objectContaining({ address: '192.0.2.1', count: 3 }) as object,
    },
  ]);
  expect(await rows()).toEqual([]);
});
