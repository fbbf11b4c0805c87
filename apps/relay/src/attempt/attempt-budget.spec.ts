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

it('bounds what one account or one address records, over many known resources', () => {
  begin();
  for (let i = 0; i < 1000; i++) budget.take(attempt('a', 'known', `server-${i}`, `10.0.${i}.1:1`));
  budget.flush(true);
  expect([records.length, total()]).toEqual([61, 1000]);
  begin();
  for (let i = 0; i < 1000; i++) budget.take(attempt(`account-${i}`, 'known', 'server', `10.0.0.1:${i}`));
  budget.flush(true);
  expect([records.length, total()]).toEqual([61, 1000]);
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

it('counts IPv6 addresses of one /64 as one, regardless of the port', () => {
  begin();
  for (let i = 0; i < 100; i++) budget.take(attempt(`account-${i}`, 'known', 'server', `[2001:db8::${i}]:${i}`));
  budget.flush(true);
  expect([records.length, total()]).toEqual([61, 100]);
});

it('counts only a limited number of kinds separately, and loses no attempt', () => {
  begin();
  const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:1`;
  for (let i = 0; i < 30_000; i++) budget.take(attempt('a', 'known', 'server', address(i)));
  for (let i = 0; i < 30_000; i++) budget.take(attempt(`account-${i}`, 'known', 'server', address(i)));
  budget.flush(true);
  expect(total()).toBe(60_000);
  expect(records.length).toBeLessThan(10_000);
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

it('names nobody in a record that counts attempts of several accounts, and no server that was not asked for', () => {
  begin();
  for (let i = 0; i < 100; i++) budget.take(attempt(`account-${i % 50}`, 'known', `server-${i % 50}`));
  budget.flush(true);
  const joint = records.filter(({ repeats }) => repeats > 1);
  expect(joint.map(({ account, resource, repeats }) => [account, resource.id, repeats])).toEqual([
    [{ id: 'several', email: null }, 'several', 40],
  ]);
  for (const { account, resource } of records.filter(({ repeats }) => repeats === 1))
    expect(account.id.replace('account', 'server')).toBe(resource.id);
});

it('counts different end reasons separately', () => {
  begin();
  for (let i = 0; i < 100; i++)
    budget.take({ ...attempt(`account-${i}`, 'known', 'server'), endReason: i % 2 === 0 ? 'no grant' : 'limit reached' });
  budget.flush(true);
  expect(records.slice(60).map(({ endReason, repeats }) => [endReason, repeats])).toEqual([
    ['no grant', 20],
    ['limit reached', 20],
  ]);
});
