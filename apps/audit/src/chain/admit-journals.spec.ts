import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { beforeEach, expect, it } from 'vitest';
import type { ReceivedFact } from '../fact/read-fact.js';
import { QuarantineBudget } from '../quarantine/quarantine-budget.js';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { notAdmitted } from './admit-journals.js';

const MIB = 1024 * 1024;

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

let relay: string;
beforeEach(() => void (relay = randomUUID())); // rows of another test are another author's

/** A fact of an author's journal; only what is decided by. */
const fact = (author: string, incarnation: string = randomUUID(), bytes = 0): ReceivedFact =>
  ({ author, bytes: new Uint8Array(bytes), place: { incarnation, number: 1, previous: '' } }) as unknown as ReceivedFact;
const rejectedOf = (facts: ReceivedFact[]) => database.transaction(async (tx) => [...(await notAdmitted(tx, facts))]);

async function begin(author: string, journals: number, ago = '0 minutes'): Promise<void> {
  await database.query(
    `insert into chain (author, incarnation, begun_at)
     select $1, gen_random_uuid(), now() - $3::interval from generate_series(1, $2)`,
    [author, journals, ago],
  );
}

it('admits a hundred journals of a relay within an hour, and quarantines the facts of more', async () => {
  await begin(relay, 98);
  const [last, beyond] = [fact(relay), fact(relay)];
  const another = fact(randomUUID());
  expect(await rejectedOf([fact(relay), last, beyond, another])).toEqual([beyond]);
});

it('counts every fact of a journal for that journal, and none for one that was admitted before', async () => {
  await begin(relay, 99);
  const journal = randomUUID();
  expect(await rejectedOf([fact(relay, journal), fact(relay, journal)])).toEqual([]);
  await database.query('insert into chain (author, incarnation) values ($1, $2)', [relay, journal]);
  expect(await rejectedOf([fact(relay, journal)])).toEqual([]);
  expect(await rejectedOf([fact(relay)])).toHaveLength(1);
});

it('forgets journals that were begun more than an hour ago', async () => {
  await begin(relay, 200, '61 minutes');
  expect(await rejectedOf([fact(relay)])).toEqual([]);
});

it('does not limit the journals of services, which begin one with each process', async () => {
  await begin('registry', 200);
  expect(await rejectedOf([fact('registry')])).toEqual([]);
});

it('keeps 64 MiB a day of what an author publishes that makes no record, and less after what was kept before', async () => {
  const traffic = (began: string, quarantined: number) =>
    database.query(
      `insert into traffic (author, began_at, facts, bytes, quarantined_bytes) values ($1, now() - $2::interval, 1, $3, $3)`,
      [relay, began, quarantined],
    );
  await traffic('1 hour', 60 * MIB);
  await traffic('25 hours', 60 * MIB); // the day is over
  const [fits, over, small] = [3 * MIB, 2 * MIB, MIB].map((bytes) => fact(relay, randomUUID(), bytes)) as [
    ReceivedFact,
    ReceivedFact,
    ReceivedFact,
  ];
  const other = fact(randomUUID(), randomUUID(), 64 * MIB);
  const budget = await database.transaction((tx) => QuarantineBudget.of(tx, [fits, over, small, other]));
  for (const each of [fits, over, small, other]) budget.take(each);
  expect([fits, over, small, other].map((each) => budget.keeps(each))).toEqual([true, false, true, true]);
});
