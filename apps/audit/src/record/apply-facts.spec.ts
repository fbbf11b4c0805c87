import { randomUUID } from 'node:crypto';
import {
  attemptSubject,
  type AttemptUnanswered,
  FIRST_PREVIOUS,
  type SessionFactKind,
  sessionFactSubject,
  SessionIds,
} from '@sluice/contracts';
import { sampleClosed, sampleOpened } from '@sluice/testing';
import type { DataSource } from 'typeorm';
import { beforeEach, expect, it } from 'vitest';
import { type ReceivedFact, readFact } from '../fact/read-fact.js';
import { presumeEnded } from '../presumption/presume-ended.js';
import { useAuditDatabase } from '../testing/use-audit-database.js';
import { applyFacts } from './apply-facts.js';

const AT = '2026-11-26T12:00:00.000Z';
const SECOND = 1000;

let database: DataSource;
let relay: string;
let ids: SessionIds;
let id: string;
let number = 0;

useAuditDatabase((opened) => void (database = opened));
beforeEach(() => {
  relay = randomUUID();
  ids = new SessionIds(relay);
  id = ids.next();
});

const read = (subject: string, author: string, data: unknown, more: object): ReceivedFact => {
  const envelope = { specversion: '1.0', id: randomUUID(), source: `sluice://${author}`, type: 'sluice.test.v1' };
  const body = { ...envelope, time: AT, datacontenttype: 'application/json', incarnation: 'i', ...more, data };
  const fact = readFact(subject, new TextEncoder().encode(JSON.stringify(body)));
  if (fact.trouble !== undefined) throw new Error(fact.trouble);
  return fact;
};

function fact(kind: SessionFactKind, data: unknown, node = relay): ReceivedFact {
  const place = kind === 'checkpoint' ? {} : { number: (number += 1), previous: FIRST_PREVIOUS };
  return read(sessionFactSubject(kind, 'default', node, 'r'), node, data, { node, ...place });
}

const begun = (of = id) => ({ ...sampleOpened(of, relay), requestId: relay, startedAt: AT });
const opened = (of = id) => fact('opened', begun(of));
const checkpoint = (seconds: number, bytes: number, of = id) =>
  fact('checkpoint', { sessionId: of, at: AT, bytesUp: bytes, bytesDown: 2 * bytes, durationMs: seconds * SECOND });
const closed = (of = id) =>
  fact('closed', { ...sampleClosed(of), endedAt: AT, durationMs: 9 * SECOND, bytesUp: 90, bytesDown: 180 });

const apply = (...facts: ReceivedFact[]) => database.transaction((tx) => applyFacts(tx, facts));
const record = async (of = id): Promise<Record<string, unknown> | undefined> => {
  const rows = await database.query<{ record: Record<string, unknown> }[]>(
    `select to_jsonb(s) - '{id, revision, seen_age, begun_number, settled_at}'::text[] as record from session s where id = $1`,
    [of],
  );
  return rows[0]?.record;
};
const findings = async (author: string) =>
  (await database.query<{ kind: string }[]>('select kind from integrity where author = $1', [author])).map(({ kind }) => kind);
/** Presumes the end of this relay's sessions; `finally` makes the presumed ends final at once. */
const presume = (finalDays: number) =>
  presumeEnded(database, (names) => new Set(names.filter((name) => name.startsWith(relay))), finalDays);

it('makes a live record of `opened`, raises its counts with each checkpoint, and ends it with `closed`', async () => {
  await apply(opened());
  expect(await record()).toMatchObject({ state: 'live', bytes_up: null, dialled_address: '192.0.2.1', outcome: null });
  await apply(checkpoint(1, 10));
  expect(await record()).toMatchObject({ state: 'live', bytes_up: 10, bytes_down: 20, duration_ms: SECOND, ended_at: null });
  await apply(closed());
  expect(await record()).toMatchObject({
    state: 'final',
    bytes_up: 90,
    bytes_down: 180,
    outcome: 'completed',
    end_reason: 'client closed',
    exactness: 'exact',
  });
});

it('makes the same record whatever the order of the facts, in one batch or several', async () => {
  const facts = [opened, () => checkpoint(1, 10), closed];
  const records = new Set<string>();
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ])
    for (const inOneBatch of [true, false]) {
      id = ids.next();
      const ordered = order.map((each) => facts[each]?.() as ReceivedFact);
      for (const batch of inOneBatch ? [ordered] : ordered.map((each) => [each])) expect(await apply(...batch)).toEqual([]);
      records.add(JSON.stringify(await record()));
    }
  expect(records.size).toBe(1);
});

it('never lowers a count, when an earlier checkpoint arrives late', async () => {
  await apply(opened(), checkpoint(2, 20), checkpoint(1, 10));
  expect(await record()).toMatchObject({ bytes_up: 20, bytes_down: 40, duration_ms: 2 * SECOND });
  await apply(closed());
  await apply(checkpoint(20, 200));
  expect(await record()).toMatchObject({ state: 'final', bytes_up: 90, duration_ms: 9 * SECOND });
});

it.each([
  ['refused', 'no grant'],
  ['failed', 'dial timeout'],
] as const)('makes a final record of an attempt that was %s', async (kind, endReason) => {
  const ended = { dialledAddress: null, endReason, message: 'why', endedAt: AT, durationMs: 5, repeats: 3 };
  await apply(fact(kind, { ...begun(), ...ended }));
  expect(await record()).toMatchObject({ state: 'final', outcome: kind, end_reason: endReason, repeats: 3, bytes_up: 0 });
});

it('lets no other relay change the record of a session, and applies the other facts of the batch', async () => {
  id = randomUUID(); // an id of an older release, from which its relay cannot be derived
  await apply(opened());
  const before = await record();
  const other = randomUUID();
  const intruders = [fact('opened', sampleOpened(id, other), other), fact('closed', sampleClosed(id), other)];
  const next = ids.next();
  const rejected = await apply(...intruders, opened(next));
  expect(rejected).toEqual(
    intruders.map((each) => ({ fact: each, kind: 'quarantined', reason: 'the session belongs to another relay' })),
  );
  await apply(fact('checkpoint', { sessionId: id, at: AT, bytesUp: 1000, bytesDown: 0, durationMs: 0 }, other));
  expect(await record()).toEqual(before);
  expect(await record(next)).toMatchObject({ state: 'live' });
});

it('replaces a presumed end by the one that the relay reports', async () => {
  await apply(opened(), checkpoint(3, 30));
  await presume(1);
  expect(await record()).toMatchObject({
    state: 'presumed ended',
    end_reason: 'relay lost',
    exactness: 'at least',
    bytes_up: 30,
  });
  await apply(checkpoint(4, 40));
  const later = await record();
  expect(later).toMatchObject({ state: 'presumed ended', bytes_up: 40 });
  expect(Date.parse(String(later?.['ended_at']))).toBe(Date.parse(AT) + 4 * SECOND);
  await apply(closed());
  expect(await record()).toMatchObject({ state: 'final', end_reason: 'client closed', presumed_at: null, bytes_up: 90 });
  expect(await findings(relay)).toEqual([]);
});

it('keeps a presumed end that has become final, and reports the `closed` that comes after it as late', async () => {
  await apply(opened(), checkpoint(3, 30));
  await presume(1);
  await presume(-1);
  const before = await record();
  expect(before).toMatchObject({ state: 'final', end_reason: 'relay lost' });
  expect(await apply(closed())).toEqual([]);
  expect(await record()).toEqual(before);
  expect(await findings(relay)).toEqual(['late']);
});

it('creates at most a thousand records of a relay from checkpoints alone, and reports the next', async () => {
  await apply(...Array.from({ length: 1000 }, () => checkpoint(1, 1, ids.next())));
  expect(await findings(relay)).toEqual([]);
  await apply(checkpoint(1, 1));
  expect(await record()).toBeUndefined();
  expect(await findings(relay)).toEqual(['unopened']);
  await apply(opened());
  await apply(checkpoint(2, 2));
  expect(await record()).toMatchObject({ state: 'live', bytes_up: 2 });
}, 30_000);

it('makes a record of an attempt that no relay answered, which never replaces the session of a relay', async () => {
  const attempt = (of: string): ReceivedFact => {
    const agent = { requestId: relay, attempt: 2, reason: 'no relay', message: 'nobody answered', startedAt: AT } as const;
    const account = { id: 'a', email: 'a@example.test' };
    const data: AttemptUnanswered = {
      id: of,
      account,
      resource: { id: 'r', name: 'db' },
      receivedAt: AT,
      repeats: 2,
      dropped: 5,
      agent,
    };
    return read(attemptSubject('r'), 'registry', data, { number: (number += 1), previous: FIRST_PREVIOUS });
  };
  const own = new SessionIds('registry').next();
  await apply(attempt(own));
  expect(await record(own)).toMatchObject({
    source: 'agent',
    state: 'final',
    outcome: 'failed',
    end_reason: 'no relay',
    repeats: 2,
  });
  expect((await record(own))?.['message']).toBe(
    'nobody answered (and 5 more attempts of this account, to any server, that were not recorded)',
  );
  id = randomUUID();
  await apply(opened());
  expect(await apply(attempt(id))).toMatchObject([{ reason: 'the session belongs to another relay' }]);
  expect(await record()).toMatchObject({ source: 'relay', state: 'live' });
});
