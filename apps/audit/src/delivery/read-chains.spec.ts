import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { beforeAll, expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { readGaps, readRelays } from './read-chains.js';

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

const [online, away, silent] = [randomUUID(), randomUUID(), randomUUID()];
const chain = (author: string, incarnation: string, through: number, highest: number, receipt: number) =>
  database.query(
    'insert into chain (author, incarnation, through, highest, first_receipt, last_receipt) values ($1, $2, $3, $4, $5, $5)',
    [author, incarnation, through, highest, receipt],
  );

beforeAll(async () => {
  await chain(online, 'first', 70, 70, 1);
  await chain(online, 'second', 5, 5, 2);
  await chain(away, 'only', 3, 9, 3);
  await chain(silent, 'complete', 4, 4, 4);
  await chain('registry', 'service', 1, 8, 5);
  await database.query('insert into relay_cluster (relay_id, cluster) values ($1, $2)', [away, 'default']);
});

it('shows relays that are online or have facts that are awaited, those with the most first, by their latest journal', async () => {
  const present = [
    { id: online, name: 'relay', cluster: 'default', journal: { facts: 2, bytes: 900 } },
    { id: randomUUID(), name: 'new', cluster: 'berlin', journal: null },
  ];
  const relays = await readRelays(database, present);
  expect(relays).toMatchObject([
    { id: away, name: null, cluster: 'default', incarnation: 'only', through: 3, highest: 9, journal: null },
    {
      id: online,
      name: 'relay',
      cluster: 'default',
      incarnation: 'second',
      through: 5,
      highest: 5,
      journal: { facts: 2, bytes: 900 },
    },
    { name: 'new', cluster: 'berlin', incarnation: null, through: 0, highest: 0, journal: null },
  ]);
  expect(relays).toHaveLength(3);
});

it('shows the latest gaps in which something is still missing', async () => {
  for (const [from, missing] of [
    [10, 0],
    [20, 3],
    [30, 1],
  ] as const)
    await database.query(
      "insert into gap (author, incarnation, first_number, last_number, missing, reported_at) values ($1, 'only', $2, $2::bigint + 4, $3, now() + make_interval(secs => $2))",
      [away, from, missing],
    );
  const gaps = await readGaps(database);
  expect(gaps.map(({ author, from, to, missing }) => [author, from, to, missing])).toEqual([
    [away, 30, 34, 1],
    [away, 20, 24, 3],
  ]);
});
