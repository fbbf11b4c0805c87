import { createHash, randomUUID } from 'node:crypto';
import { relayHeadSubject, relayStartedSubject } from '@sluice/contracts';
import type { DataSource } from 'typeorm';
import { beforeEach, expect, it } from 'vitest';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { pageOfChainFacts, pageOfChains } from './page-of-chains.js';

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

let author: string;
let incarnation: string;
beforeEach(() => void ([author, incarnation] = [randomUUID(), randomUUID()]));

const bodyOf = (number: number): string => `{"number":${number},"text":"ü"}`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Stores facts; each was received in the minute of its number. */
async function store(
  numbers: readonly number[],
  { heads = [] as number[], digests = [] as number[], of = incarnation } = {},
): Promise<void> {
  for (const number of numbers) {
    const subject = (heads.includes(number) ? relayHeadSubject : relayStartedSubject)('default', author);
    const bytes = Buffer.from(bodyOf(number));
    const digest = Buffer.from(sha256(bodyOf(number)), 'hex');
    await database.query(
      `insert into fact (author, id, subject, incarnation, number, bytes, digest, received_at)
       values ($1, $2, $3, $4, $5, $6, $7, '2026-01-01T00:00:00Z'::timestamptz + make_interval(mins => $8))`,
      [author, `${of}-${number}`, subject, of, number, ...(digests.includes(number) ? [null, digest] : [bytes, null]), number],
    );
  }
}
const minute = (number: number): string => new Date(Date.parse('2026-01-01T00:00:00Z') + number * 60_000).toISOString();
const chains = async (of: { since?: string; until?: string } = {}) =>
  (await pageOfChains(database, { limit: 500, ...of })).items.filter((chain) => chain.author === author);
const facts = (of: { from?: number; to?: number; limit?: number; cursor?: string } = {}) =>
  pageOfChainFacts(database, { author, incarnation, from: 1, limit: 100, ...of });

it('gives the numbers that were received within a time, up to the head that covers the last of them', async () => {
  await store([1, 2, 3, 4, 5, 6, 7, 8], { heads: [3, 7] });
  expect(await chains()).toEqual([{ author, incarnation, from: 1, to: 8, dropped: null }]);
  expect(await chains({ since: minute(2), until: minute(4) })).toEqual([{ author, incarnation, from: 2, to: 3, dropped: null }]);
  expect(await chains({ since: minute(4), until: minute(6) })).toEqual([{ author, incarnation, from: 4, to: 7, dropped: null }]);
  expect(await chains({ since: minute(8) })).toEqual([{ author, incarnation, from: 8, to: 8, dropped: null }]); // not signed yet
  expect(await chains({ since: minute(9) })).toEqual([]);
});

it('lists chains page by page', async () => {
  const others = [randomUUID(), randomUUID()];
  for (const of of [incarnation, ...others]) await store([1], { of });
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await pageOfChains(database, { limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.items.filter((chain) => chain.author === author).map((chain) => chain.incarnation));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(found).toEqual([incarnation, ...others].sort());
});

it('lists facts with their exact bytes, or their hash if these were not kept, and with gaps that were reported', async () => {
  await store([1, 2, 5, 6, 9], { digests: [6] });
  await database.query('insert into gap (author, incarnation, first_number, last_number, missing) values ($1, $2, 3, 4, 2)', [
    author,
    incarnation,
  ]);
  await database.query(
    "insert into quarantine (subject, author, kind, digest, reason, fact_id) values ('s', $1, 'quarantined', sha256($2::bytea), 'a reason', $3)",
    [author, Buffer.from(author), `${incarnation}-2`],
  );
  const { items } = await facts();
  expect(
    items.map(({ number, body, sha256: hash, missingBefore, quarantined }) => [number, body, hash, missingBefore, quarantined]),
  ).toEqual([
    [1, bodyOf(1), sha256(bodyOf(1)), 0, null],
    [2, bodyOf(2), sha256(bodyOf(2)), 0, 'a reason'],
    [5, bodyOf(5), sha256(bodyOf(5)), 2, null],
    [6, null, sha256(bodyOf(6)), 0, null],
    [9, bodyOf(9), sha256(bodyOf(9)), 0, null], // nobody has reported 7 and 8
  ]);
  expect((await facts({ from: 5, to: 6 })).items.map(({ number, missingBefore }) => [number, missingBefore])).toEqual([
    [5, 0],
    [6, 0],
  ]);
});

it('continues after a page, also across a gap', async () => {
  await store([1, 2, 5, 6]);
  await database.query('insert into gap (author, incarnation, first_number, last_number, missing) values ($1, $2, 3, 4, 2)', [
    author,
    incarnation,
  ]);
  const first = await facts({ limit: 2 });
  const { items } = await facts({ limit: 2, cursor: first.nextCursor ?? '' });
  expect(items.map(({ number, missingBefore }) => [number, missingBefore])).toEqual([
    [5, 2],
    [6, 0],
  ]);
  await expect(facts({ cursor: Buffer.from(JSON.stringify(['', 'abc'])).toString('base64url') })).rejects.toMatchObject({
    problem: { status: 400 },
  });
});
