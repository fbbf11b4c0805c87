import { createHash, randomUUID } from 'node:crypto';
import { FIRST_PREVIOUS, SessionIds } from '@sluice/contracts';
import { sampleFact, sampleRefused } from '@sluice/testing';
import type { DataSource } from 'typeorm';
import { beforeEach, expect, it } from 'vitest';
import type { StreamMessage } from '../ingest/store-batch.js';
import { storeFacts } from '../ingest/store-facts.js';
import { useAuditDatabase } from '../testing/use-audit-database.js';

let database: DataSource;
useAuditDatabase((opened) => void (database = opened));

let node: string;
let incarnation: string;
let ids: SessionIds;
beforeEach(() => {
  [node, incarnation] = [randomUUID(), randomUUID()];
  ids = new SessionIds(node);
});

let seq = 0;
function fact(number: number, previous: string, more: object = {}): StreamMessage {
  const data = { ...sampleRefused(ids.next(), node), ...more };
  return { ...sampleFact('refused', node, data, { incarnation, number }, { previous }), seq: ++seq };
}
const hashOf = ({ data }: StreamMessage): string => createHash('sha256').update(data).digest('hex');

/** The first facts of a chain. */
function chain(length: number): StreamMessage[] {
  const facts: StreamMessage[] = [];
  let previous = FIRST_PREVIOUS;
  for (let number = 1; number <= length; number++) {
    const next = fact(number, previous);
    facts.push(next);
    previous = hashOf(next);
  }
  return facts;
}

const store = (...messages: StreamMessage[]) => storeFacts(database, messages);
/** What was reported as altered: the number, and how many facts at once. */
const found = async () =>
  (
    await database.query<{ detail: Record<string, unknown> }[]>(
      "select detail from integrity where author = $1 and kind = 'altered'",
      [node],
    )
  ).map(({ detail }) => detail);

const ORDERS = [
  [[1, 2, 3, 4, 5]],
  [[5, 4, 3, 2, 1]],
  [[1], [2], [3], [4], [5]],
  [[5], [4], [3], [2], [1]],
  [[3], [1, 2], [5, 4]],
  [[2, 4], [1, 5], [3]],
];

it.each(ORDERS.map((batches) => [batches]))(
  'finds nothing wrong with a chain whose facts arrive as %j, and again',
  async (batches) => {
    const facts = chain(5);
    for (const batch of [...batches, ...batches]) await store(...batch.map((number) => facts[number - 1] as StreamMessage));
    expect(await found()).toEqual([]);
  },
);

it.each(ORDERS.map((batches) => [batches]))(
  'finds an altered fact in a chain whose facts arrive as %j, once, and stores all of it',
  async (batches) => {
    const facts = chain(5);
    facts[2] = fact(3, hashOf(facts[1] as StreamMessage), { message: 'altered' });
    for (const batch of [...batches, ...batches]) await store(...batch.map((number) => facts[number - 1] as StreamMessage));
    expect(await found()).toEqual([{ incarnation, number: 3, facts: 1 }]);
    const [row] = await database.query<{ through: string }[]>('select through from chain where author = $1', [node]);
    expect(row?.through).toBe('5');
  },
);

it('finds a first fact that names one before it, and a fact that names none', async () => {
  await store(fact(1, 'a'.repeat(64)));
  expect(await found()).toEqual([{ incarnation, number: 1, facts: 1 }]);
  incarnation = randomUUID();
  const first = fact(1, FIRST_PREVIOUS);
  const second = fact(2, 'not a hash');
  await store(first, second);
  const [, more] = await found();
  expect(more).toEqual({ incarnation, number: 1, facts: 1 });
});

it('reports many altered facts of a chain at once', async () => {
  await store(...Array.from({ length: 200 }, (_, index) => fact(index + 1, 'b'.repeat(64))));
  expect(await found()).toEqual([{ incarnation, number: 1, facts: 200 }]);
});

it('finds an altered fact when two copies of the service store neighbours at the same time', async () => {
  for (let round = 0; round < 10; round++) {
    [node, incarnation] = [randomUUID(), randomUUID()];
    ids = new SessionIds(node);
    const [first] = chain(1) as [StreamMessage];
    await Promise.all([store(first), store(fact(2, 'c'.repeat(64)))]);
    expect(await found()).toEqual([{ incarnation, number: 1, facts: 1 }]);
  }
});
