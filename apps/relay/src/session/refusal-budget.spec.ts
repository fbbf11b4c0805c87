import { randomUUID } from 'node:crypto';
import type { AttemptEnded } from '@sluice/contracts';
import { afterEach, expect, it } from 'vitest';
import { RefusalBudget } from './refusal-budget.js';

let now = 0;
let budget: RefusalBudget;
const records: AttemptEnded[] = [];
const begin = () => {
  records.length = 0;
  budget = new RefusalBudget(
    (refusal) => records.push(refusal),
    () => now,
  );
};
afterEach(() => budget.stop());

const refusal = (account: string, name: string | null, id: string, address = '10.0.0.1:1'): AttemptEnded => ({
  sessionId: randomUUID(),
  requestId: randomUUID(),
  attempt: 1,
  account: { id: account, email: null },
  loginId: 'l',
  resource: { id, name, endpoint: null, tags: null },
  cluster: 'default',
  relay: { id: 'r', name: 'relay' },
  gateway: null,
  clientAddress: address,
  sharedListener: false,
  rule: null,
  startedAt: new Date(0).toISOString(),
  dialledAddress: null,
  endReason: 'no grant',
  message: 'no',
  endedAt: new Date(0).toISOString(),
  durationMs: 1,
  repeats: 1,
});
const total = () => records.reduce((sum, { repeats }) => sum + repeats, 0);

it('makes few records of many resource ids that a client made up, and counts every refusal', () => {
  begin();
  for (let i = 0; i < 3000; i++) budget.take(refusal('a', null, randomUUID(), `10.0.0.1:${i}`));
  budget.flush(true);
  expect([records.length, total()]).toEqual([11, 3000]);
});

it('bounds what one account or one address records, over many known resources', () => {
  begin();
  for (let i = 0; i < 1000; i++) budget.take(refusal('a', 'known', `server-${i}`, `10.0.${i}.1:1`));
  budget.flush(true);
  expect([records.length, total()]).toEqual([61, 1000]);
  begin();
  for (let i = 0; i < 1000; i++) budget.take(refusal(`account-${i}`, 'known', 'server', `10.0.0.1:${i}`));
  budget.flush(true);
  expect([records.length, total()]).toEqual([61, 1000]);
});

it('records one by one again in the next minute', () => {
  begin();
  for (let i = 0; i < 20; i++) budget.take(refusal('a', 'known', 'server'));
  now += 61_000;
  budget.flush(false);
  expect(total()).toBe(20);
  budget.take(refusal('a', 'known', 'server'));
  expect(records.at(-1)?.repeats).toBe(1);
});
