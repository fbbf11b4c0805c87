import { randomUUID } from 'node:crypto';
import type { AttemptEnded } from '@sluice/contracts';
import { afterEach, expect, it } from 'vitest';
import { AttemptBudget } from './attempt-budget.js';

let now = 0;
let room = true;
let budget: AttemptBudget;
const records: AttemptEnded[] = [];
const begin = () => {
  records.length = 0;
  budget = new AttemptBudget(
    (ended) => records.push(ended),
    () => room,
    () => now,
  );
};
afterEach(() => budget.stop());

const attempt = (account: string, name: string | null, id: string, address = '10.0.0.1:1'): AttemptEnded => ({
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
  for (let i = 0; i < 3000; i++) budget.take(attempt('a', null, randomUUID(), `10.0.0.1:${i}`));
  budget.flush(true);
  expect([records.length, total()]).toEqual([11, 3000]);
});

it('bounds what one account records over many known resources, and names the first two hundred', () => {
  begin();
  for (let i = 0; i < 1000; i++) budget.take(attempt('a', 'known', `server-${i}`, `10.0.${i}.1:1`));
  budget.flush(true);
  expect([records.length, total()]).toEqual([201, 1000]);
  expect(new Set(records.map(({ resource }) => resource.id)).size).toBe(201); // two hundred, and `several`
});

it('hides nothing of an account behind the flood of another one from the same address', () => {
  begin();
  for (let i = 0; i < 1000; i++) budget.take(attempt('eve', 'known', `server-${i % 300}`));
  for (let i = 0; i < 5; i++) budget.take(attempt('mallory', 'known', 'payroll'));
  budget.take(attempt('bob', 'known', 'wiki'));
  expect(records.slice(-6).map(({ account, resource, repeats }) => [account.id, resource.id, repeats])).toEqual([
    ...Array.from({ length: 5 }, () => ['mallory', 'payroll', 1]),
    ['bob', 'wiki', 1],
  ]);
  budget.flush(true);
  expect(new Set(records.map(({ account }) => account.id))).toEqual(new Set(['eve', 'mallory', 'bob']));
  expect(total()).toBe(1006);
});

it('records attempts individually again in the next minute', () => {
  begin();
  for (let i = 0; i < 20; i++) budget.take(attempt('a', 'known', 'server'));
  now += 61_000;
  budget.flush(false);
  expect(total()).toBe(20);
  budget.take(attempt('a', 'known', 'server'));
  expect(records.at(-1)?.repeats).toBe(1);
});

it('counts a limited number of accounts at a time, mixes none of them, and loses no attempt', () => {
  begin();
  for (let i = 0; i < 60_000; i++) budget.take(attempt(`account-${i % 20_000}`, 'known', 'server'));
  budget.flush(true);
  expect(total()).toBe(60_000);
  expect(records.some(({ account }) => account.id === 'several')).toBe(false);
});

it('records nothing while the journal is full, and everything once it has space', () => {
  begin();
  room = false;
  for (let i = 0; i < 30; i++) budget.take(attempt(`account-${i % 3}`, 'known', 'server'));
  now += 61_000;
  budget.flush(false);
  expect(records).toEqual([]);
  room = true;
  budget.flush(false);
  expect(records.map(({ repeats }) => repeats)).toEqual([10, 10, 10]);
});

it('names no server and no address in a record that counts attempts of several', () => {
  begin();
  for (let i = 0; i < 400; i++) budget.take(attempt('a', 'known', `server-${i}`, `10.0.0.${i % 2}:1`));
  budget.flush(true);
  expect(records.at(-1)).toMatchObject({ resource: { id: 'several', name: null }, clientAddress: null, repeats: 200 });
});

it('counts different end reasons separately', () => {
  begin();
  for (let i = 0; i < 100; i++)
    budget.take({ ...attempt('a', 'known', 'server'), endReason: i % 2 === 0 ? 'no grant' : 'limit reached' });
  budget.flush(true);
  expect(records.slice(20).map(({ endReason, repeats }) => [endReason, repeats])).toEqual([
    ['no grant', 40],
    ['limit reached', 40],
  ]);
});
