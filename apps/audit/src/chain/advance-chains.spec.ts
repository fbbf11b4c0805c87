import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { beforeEach, expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { advanceChain } from './advance-chains.js';

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

let author: string;
let incarnation: string;
beforeEach(async () => {
  [author, incarnation] = [randomUUID(), randomUUID()];
  await database.query('insert into chain (author, incarnation) values ($1, $2)', [author, incarnation]);
});

/** Stores facts with the numbers from one to another, every `step`th of them. */
const number = (from: number, to: number, step = 1) =>
  database.query(
    `insert into fact (author, id, subject, incarnation, number, digest)
     select $1, number, 'audit', $2, number, '' from generate_series($3::bigint, $4::bigint, $5::bigint) as number`,
    [author, incarnation, from, to, step],
  );
const advance = () =>
  database.transaction(async (tx) => {
    const [row] = await tx.query<{ through: string }[]>('select through from chain where author = $1', [author]);
    return advanceChain(tx, author, incarnation, Number(row?.through));
  });

it.each([0, 1, 499, 500, 501, 1000, 1733])(
  'advances over %i numbers without a hole, and stops at the first one',
  async (count) => {
    if (count > 0) await number(1, count);
    await number(count + 2, count + 3);
    expect(await advance()).toBe(count);
    await number(count + 1, count + 1);
    expect(await advance()).toBe(count + 3);
    expect(await advance()).toBe(count + 3);
  },
);

it('looks at a limited number of facts in a chain full of holes', async () => {
  await number(1, 20_001, 2);
  await number(2, 2);
  let looked: [sql: string, values: unknown[]] | undefined;
  const query = (sql: string, values: unknown[]) => {
    looked = [sql, values];
    return Promise.resolve([[], 1]);
  };
  await advanceChain({ query } as unknown as EntityManager, author, incarnation, 2);
  const [sql, values] = looked as unknown as [string, unknown[]];
  const plan = await database.query<object[]>(`explain (analyze, format json) ${sql}`, values);
  const rows = [...JSON.stringify(plan).matchAll(/"Actual Rows":([\d.]+)/g)].map(([, count]) => Number(count));
  expect(Math.max(...rows)).toBe(500);
  expect(await advance()).toBe(3);
});
