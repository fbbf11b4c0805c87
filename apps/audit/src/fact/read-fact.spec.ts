import { randomUUID } from 'node:crypto';
import { attemptSubject, FIRST_PREVIOUS, type SessionFactKind, sessionFactSubject, SessionIds } from '@sluice/contracts';
import { sampleClosed, sampleOpened } from '@sluice/testing';
import { expect, it } from 'vitest';
import { readFact } from './read-fact.js';

const now = new Date().toISOString();
const [mine, victim] = [randomUUID(), randomUUID()];

const beginning = (sessionId: string) => sampleOpened(sessionId, mine);
const end = { endReason: 'client closed', message: 'm', endedAt: now, durationMs: 1 };
/** Sample data for each kind of session fact. */
const DATA: Record<SessionFactKind, (sessionId: string) => object> = {
  opened: beginning,
  checkpoint: (sessionId) => ({ sessionId, at: now, bytesUp: 1, bytesDown: 1, durationMs: 1 }),
  closed: sampleClosed,
  refused: (sessionId) => ({ ...beginning(sessionId), ...end, endReason: 'no grant', repeats: 1 }),
  failed: (sessionId) => ({ ...beginning(sessionId), ...end, endReason: 'unreachable', repeats: 1 }),
};
const KINDS = Object.keys(DATA) as SessionFactKind[];

const envelope = (data: object, more: object) =>
  Buffer.from(
    JSON.stringify({
      specversion: '1.0',
      id: 'i-2',
      source: 'sluice://test',
      type: 'sluice.test.v1',
      time: now,
      datacontenttype: 'application/json',
      incarnation: 'i',
      ...more,
      data,
    }),
  );
const PLACE = { number: 2, previous: FIRST_PREVIOUS };
const readSession = (kind: SessionFactKind, sessionId: string) => {
  const more = { node: mine, ...(kind === 'checkpoint' ? {} : PLACE) };
  return readFact(sessionFactSubject(kind, 'default', mine, 'r'), envelope(DATA[kind](sessionId), more));
};
const readAttempt = (id: string) => {
  const agent = { requestId: randomUUID(), attempt: 1, reason: 'no relay', message: '', startedAt: now };
  const data = { id, account: { id: 'a', email: 'e' }, resource: { id: 'r', name: 'n' }, receivedAt: now, repeats: 1, agent };
  return readFact(attemptSubject('r'), envelope(data, { source: 'sluice://registry', ...PLACE }));
};

it.each(KINDS)('rejects a %s fact whose session another author began, but keeps its place in the chain', (kind) => {
  for (const author of [victim, 'registry']) {
    const fact = readSession(kind, new SessionIds(author).next());
    expect(fact).toMatchObject({ author: mine, foreign: true, record: undefined, id: 'i-2' });
    expect(fact.trouble).toContain('another author');
    expect(fact.place?.number).toBe(kind === 'checkpoint' ? undefined : 2);
  }
});

it.each(KINDS)('accepts a %s fact of the author of its session, and one whose id an older release made', (kind) => {
  for (const sessionId of [new SessionIds(mine).next(), randomUUID()])
    expect(readSession(kind, sessionId)).toMatchObject({ foreign: false, trouble: undefined, record: { kind } });
});

it('accepts attempts that no relay answered only from the registry', () => {
  expect(readAttempt(new SessionIds(victim).next())).toMatchObject({ author: 'registry', foreign: true, record: undefined });
  for (const id of [new SessionIds('registry').next(), randomUUID()])
    expect(readAttempt(id)).toMatchObject({ foreign: false, trouble: undefined, record: { kind: 'unanswered' } });
});

it.each([
  ['checkpoint', { durationMs: 8.77e15 }],
  ['checkpoint', { durationMs: -1 }],
  ['checkpoint', { bytesUp: -1 }],
  ['closed', { durationMs: 1.7e308 }],
  ['closed', { bytesDown: -9007199254740991 }],
  ['closed', { revocationMs: -1e9 }],
  ['failed', { durationMs: 1e13 }],
] as const)('rejects a %s fact with %o, a value that could not be shown', (kind, more) => {
  const data = { ...DATA[kind](new SessionIds(mine).next()), ...more };
  const fact = readFact(
    sessionFactSubject(kind, 'default', mine, 'r'),
    envelope(data, { node: mine, ...(kind === 'checkpoint' ? {} : PLACE) }),
  );
  expect(fact.trouble).toContain(Object.keys(more)[0]);
});
