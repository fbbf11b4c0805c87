import type { SessionsChanged } from '@sluice/contracts';
import { expect, it } from 'vitest';
import { ChangeFold, type Watcher } from './change-fold.js';
import { ChangeRing } from './change-ring.js';

const AT = '2026-01-31T12:00:00.000Z';
const ADMIN: Watcher = { accountId: 'admin', seesAll: true };
const ANN: Watcher = { accountId: 'ann', seesAll: false };

const closed = (...sessions: [id: string, account: string][]): SessionsChanged => ({
  opened: [],
  closed: sessions.map(([id, account]) => ({ id, account })),
  progressed: [],
  more: false,
});
const many = (count: number, account: string, prefix: string): [string, string][] =>
  Array.from({ length: count }, (_, i) => [`${prefix}-${i}`, account]);

it('names each id once, however often it changed', () => {
  const fold = new ChangeFold();
  for (let i = 0; i < 3; i++) {
    fold.addSessions({ ...closed(), progressed: [{ id: 's', account: 'ann' }] });
    fold.addObjects({ objects: [{ kind: 'server', ids: ['a'] }], feed: true });
  }
  expect(fold.seenBy(ADMIN, AT)).toEqual({
    at: AT,
    sessions: { opened: [], closed: [], progressed: ['s'], more: false },
    objects: [
      { kind: 'server', ids: ['a'], more: false },
      { kind: 'feed', ids: [], more: true },
    ],
  });
});

it('shows a user the own sessions and account, and nothing of others', () => {
  const fold = new ChangeFold();
  fold.addSessions(closed(['hers', 'ann'], ['his', 'bob']));
  fold.addObjects({ objects: [{ kind: 'user', ids: ['bob', 'ann'] }], feed: false });
  expect(fold.seenBy(ANN, AT)).toEqual({
    at: AT,
    sessions: { opened: [], closed: ['hers'], progressed: [], more: false },
    objects: [{ kind: 'user', ids: ['ann'], more: false }],
  });
  const ofOthers = new ChangeFold();
  ofOthers.addSessions(closed(['his', 'bob']));
  ofOthers.addObjects({ objects: [{ kind: 'role', ids: ['r'] }], feed: false });
  expect(ofOthers.seenBy(ANN, AT)).toBeUndefined();
});

it('names at most 200 of each list, and says that there are more', () => {
  const fold = new ChangeFold();
  fold.addSessions(closed(...many(200, 'bob', 'his')));
  expect(fold.seenBy(ADMIN, AT)?.sessions).toMatchObject({ closed: expect.any(Array) as string[], more: false });
  fold.addSessions(closed(['hers', 'ann']));
  const seen = fold.seenBy(ADMIN, AT);
  expect([seen?.sessions.closed.length, seen?.sessions.more]).toEqual([200, true]);
  expect(fold.seenBy(ANN, AT)?.sessions).toEqual({ opened: [], closed: ['hers'], progressed: [], more: false });
});

it('is bounded whatever comes, and then has everybody read again', () => {
  const fold = new ChangeFold();
  fold.addSessions(closed(...many(100_000, 'bob', 'his'), ['hers', 'ann']));
  fold.addObjects({ objects: [{ kind: 'health', ids: many(100_000, '', 'server').map(([id]) => id) }], feed: false });
  expect(fold.size).toBe(4000);
  expect(fold.seenBy(ANN, AT)?.sessions).toEqual({ opened: [], closed: [], progressed: [], more: true });
  expect(fold.seenBy(ADMIN, AT)?.objects).toEqual([{ kind: 'health', ids: expect.any(Array) as string[], more: true }]);
  expect(JSON.stringify(fold.seenBy(ADMIN, AT)).length).toBeLessThan(10_000);
});

it('puts the folds since a message together, and knows only those that it kept', () => {
  const ring = new ChangeRing('run');
  const push = (id: string) => {
    const fold = new ChangeFold();
    fold.addSessions(closed([id, 'ann']));
    ring.push(fold);
    return ring.lastId;
  };
  const since = (id: string) => ring.since(id)?.seenBy(ADMIN, AT)?.sessions.closed;
  const first = push('a');
  push('b');
  push('c');
  expect(since(first)).toEqual(['b', 'c']);
  expect(ring.since(ring.lastId)?.isEmpty).toBe(true);
  for (const unknown of ['run-4', 'run--1', 'run-1.5', 'run-', 'run-x', 'other-1', '', '1'])
    expect(ring.since(unknown)).toBeUndefined();
  for (let i = 0; i < 300; i++) push(`later-${i}`);
  expect(ring.since(first)).toBeUndefined();
  expect(since('run-3')).toHaveLength(200);
  const before = ring.lastId;
  ring.reset();
  expect(ring.since(before)).toBeUndefined();
  expect(ring.since(ring.lastId)?.isEmpty).toBe(true);
});

it('keeps a bounded number of ids, whatever comes', () => {
  const ring = new ChangeRing('run');
  for (let i = 0; i < 100; i++) {
    const fold = new ChangeFold();
    fold.addSessions(closed(...many(2000, 'bob', `${i}`)));
    ring.push(fold);
  }
  expect(ring.since('run-74')).toBeUndefined();
  expect(ring.since('run-75')?.isEmpty).toBe(false);
});
