import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { AttemptEnded, FACT_LIMITS, SessionClosed } from './session-facts.js';

const now = new Date().toISOString();
const attempt = {
  sessionId: randomUUID(),
  requestId: randomUUID(),
  attempt: 1,
  account: { id: 'a', email: null },
  loginId: 'l',
  resource: { id: 'r', name: null, endpoint: null, tags: {} as Record<string, string> },
  cluster: 'default',
  relay: { id: 'n', name: 'relay' },
  gateway: null,
  clientAddress: null,
  sharedListener: false,
  rule: null,
  startedAt: now,
  dialledAddress: null,
  endReason: 'no grant',
  message: 'no',
  endedAt: now,
  durationMs: 1,
  repeats: 1,
};
const closed = {
  sessionId: randomUUID(),
  endReason: 'client closed',
  message: null,
  endedAt: now,
  durationMs: 1,
  bytesUp: 0,
  bytesDown: 0,
  exactness: 'exact',
  endedBy: null,
  revocationMs: null,
};
const name = 'x'.repeat(FACT_LIMITS.name + 1);
const message = 'x'.repeat(FACT_LIMITS.message + 1);
const many = Object.fromEntries(Array.from({ length: FACT_LIMITS.tags + 1 }, (_, i) => [`k${i}`, '']));

it('rejects a text that is longer than any that Sluice writes', () => {
  expect([AttemptEnded.safeParse(attempt).success, SessionClosed.safeParse(closed).success]).toEqual([true, true]);
  const tooLong = [
    ...['loginId', 'cluster', 'gateway', 'clientAddress', 'dialledAddress', 'rule'].map((field) => ({ [field]: name })),
    { message },
    { relay: { id: 'n', name } },
    { resource: { ...attempt.resource, endpoint: name } },
    ...[many, { [name]: '' }, { k: name }].map((tags) => ({ resource: { ...attempt.resource, tags } })),
  ];
  for (const change of tooLong)
    expect([change, AttemptEnded.safeParse({ ...attempt, ...change }).success]).toEqual([change, false]);
  const by = { id: 'a', email: 'e', why: null };
  for (const change of [{ message }, { endedBy: { ...by, email: name } }, { endedBy: { ...by, why: message } }])
    expect([change, SessionClosed.safeParse({ ...closed, ...change }).success]).toEqual([change, false]);
});
