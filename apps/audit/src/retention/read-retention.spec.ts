import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { readOldest } from './read-retention.js';

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

/** Adds a fact to a chain, which was received at a minute. */
async function add(author: string, number: number, minute: number): Promise<void> {
  await database.query('insert into chain (author, incarnation) values ($1, $2) on conflict do nothing', [author, 'i']);
  await database.query(
    `insert into fact (author, incarnation, id, subject, number, bytes, received_at)
     values ($1, 'i', $2::text, 'audit.v1.relay.started.default.x', $2::text::bigint, '', '2026-01-01T00:00:00Z'::timestamptz + $3 * interval '1 minute')`,
    [author, number, minute],
  );
}
const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));

it('finds the oldest fact, and while it is there visits no other chain than its own', async () => {
  expect(await readOldest(database)).toBeNull();
  await add('b', 7, 20);
  await add('a', 3, 10);
  await add('a', 4, 12);
  const first = await readOldest(database);
  expect(first).toEqual({ author: 'a', incarnation: 'i', at: at(10) });

  const asked: string[] = [];
  const recording = {
    query: (sql: string, values: unknown[]) => {
      asked.push(sql);
      return database.query(sql, values);
    },
  } as unknown as DataSource;
  await add('c', 1, 30);
  expect(await readOldest(recording, first)).toEqual(first);
  expect(asked.filter((sql) => sql.includes('from chain'))).toEqual([]);
});

it('finds the next one when that was dropped', async () => {
  const gone = { author: 'a', incarnation: 'i', at: at(9) }; // number 2, which is not there any more
  expect(await readOldest(database, gone)).toEqual({ author: 'a', incarnation: 'i', at: at(10) });
  expect(await readOldest(database, { ...gone, author: 'no such chain' })).toEqual({ author: 'a', incarnation: 'i', at: at(10) });
});
