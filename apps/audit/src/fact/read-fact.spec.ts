import { randomUUID } from 'node:crypto';
import {
  attemptSubject,
  FIRST_PREVIOUS,
  relayStartedSubject,
  type SessionFactKind,
  sessionFactSubject,
  SessionIds,
} from '@sluice/contracts';
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

const readOpened = (data: object, subject = sessionFactSubject('opened', 'default', mine, 'r')) =>
  readFact(subject, envelope({ ...beginning(new SessionIds(mine).next()), ...data }, { node: mine, ...PLACE }));

it.each([
  ['relay', { relay: { id: victim, name: 'relay-of-finance' } }],
  ['cluster', { cluster: 'finance' }],
  ['resource', { resource: { id: 'another', name: 'ledger', endpoint: null, tags: null } }],
])('rejects a fact whose %s is not the one that its subject proves, but keeps its place in the chain', (what, data) => {
  expect(readOpened(data)).toMatchObject({
    trouble: expect.stringContaining(`the fact says ${what}`) as string,
    record: undefined,
    place: { number: 2 },
  });
});

it.each([1, 1000, 5000, 20_000, 60_000])('rejects a fact whose claims are nested %i deep, and never throws', (depth) => {
  const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const text = new TextDecoder().decode(envelope({ relay: { id: 'NESTED' } }, { node: mine, ...PLACE }));
  const bytes = new TextEncoder().encode(text.replace('"NESTED"', nested));
  expect(readFact(sessionFactSubject('opened', 'default', mine, 'r'), bytes).trouble).toMatch(
    /^(the fact's relay is not a text|not JSON)$/,
  );
});

it('rejects a fact with a byte order mark, which no verifier could read', () => {
  const bytes = envelope(
    { relay: { id: mine, name: 'relay' }, cluster: 'default', journal: 'persistent' },
    { node: mine, ...PLACE },
  );
  const read = (fact: Buffer) => readFact(relayStartedSubject('default', mine), fact).trouble;
  expect([read(bytes), read(Buffer.concat([Buffer.from('\uFEFF'), bytes]))]).toEqual([undefined, 'not JSON']);
});

it('rejects the beginning of a journal that names another relay or cluster', () => {
  const read = (data: object) => readFact(relayStartedSubject('default', mine), envelope(data, { node: mine, ...PLACE })).trouble;
  expect(read({ relay: { id: mine, name: 'relay' }, cluster: 'default', journal: 'persistent' })).toBeUndefined();
  expect(read({ relay: { id: victim, name: 'relay' }, cluster: 'default', journal: 'persistent' })).toContain('says relay');
  expect(read({ relay: { id: mine, name: 'relay' }, cluster: 'finance', journal: 'persistent' })).toContain('says cluster');
});

it('rejects a session that begins more than a day after the fact was received, and reads a session id in one spelling', () => {
  const ahead = (hours: number) => readOpened({ startedAt: new Date(Date.now() + hours * 3600_000).toISOString() }).trouble;
  expect([ahead(-1000), ahead(23), ahead(25)]).toEqual([undefined, undefined, expect.stringContaining('more than a day after')]);
  const sessionId = new SessionIds(mine).next();
  expect(readOpened({ sessionId: sessionId.toUpperCase() }).record?.data).toMatchObject({ sessionId });
});

it.each(['\u00e9', 'x'.repeat(600)])('knows the author of a fact whose subject ends in %s, and rejects it', (tail) => {
  const read = readOpened({}, sessionFactSubject('opened', 'default', mine, tail));
  expect(read).toMatchObject({
    author: mine,
    record: undefined,
    trouble: expect.stringContaining('its subject is not') as string,
  });
});

it.each([
  ['as it is', '\u202e'],
  ['escaped', '\u0000'],
  ['as half of a pair', '\ud800'],
])(
  'removes a character that is not plain from names, if it is written %s, in a short fact and in a long one',
  (_how, character) => {
    for (const message of ['', 'x'.repeat(5000)]) {
      const read = readOpened({
        account: { id: 'a', email: `e${character}@example.com` },
        rule: `r\\u0000 "${message.slice(0, 90)}`,
        message,
      });
      expect(read.trouble).toBeUndefined();
      expect(read.record?.data).toMatchObject({ account: { email: 'e@example.com' }, rule: `r\\u0000 "${message.slice(0, 90)}` });
    }
  },
);
