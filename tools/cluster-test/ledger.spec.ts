import { expect, it } from 'vitest';
import { compare } from './ledger.mjs';

const AT = Date.parse('2026-11-27T20:00:00Z');
const ADDRESS = '10.240.0.50:40000';

const connection = (changes = {}) => ({
  at: AT,
  address: ADDRESS,
  up: 1000,
  down: 1028,
  answeredMs: 20,
  failed: null,
  cutAt: null,
  endedAt: AT + 500,
  ...changes,
});
const record = (changes = {}) => ({
  id: 'a',
  requestId: 'request a',
  source: 'relay',
  state: 'final',
  outcome: 'completed',
  endReason: 'client closed',
  clientAddress: ADDRESS,
  startedAt: '2026-11-27T20:00:00.010Z',
  bytesUp: 1000,
  bytesDown: 1028,
  exactness: 'exact',
  repeats: 1,
  ...changes,
});
const unheard = { id: 'b', endReason: 'link lost', outcome: 'failed', bytesUp: 0, bytesDown: 28 };
const cut = { cutAt: AT + 5000, down: 1018 };

it('pairs every connection with its own record, also of sessions one after another on a link', () => {
  const later = connection({ at: AT + 100, up: 1001, down: 1029 });
  const { wrong, of } = compare(
    [record({ id: 'b', startedAt: '2026-11-27T20:00:00.110Z', bytesUp: 1001, bytesDown: 1029 }), record()],
    [connection(), later],
  );
  expect(wrong).toEqual([]);
  expect(of.get(later)?.id).toBe('b');
});

it.each([
  ['a record that is missing', [], [connection()], 'no exact record'],
  ['one byte more', [record({ bytesUp: 1001 })], [connection()], 'no exact record'],
  ['counts that are not exact', [record({ exactness: 'at most' })], [connection()], 'no exact record'],
  ['an end that did not happen', [record({ endReason: 'link lost', outcome: 'failed' })], [connection()], 'no exact record'],
  ['two connections with one record', [record()], [connection(), connection()], 'no exact record'],
  ['a record of no connection', [record(), record({ id: 'b' })], [connection()], 'a record without a connection'],
  [
    'one of another request, lost as it was opened',
    [record(), record({ ...unheard, requestId: 'b' })],
    [connection()],
    'without',
  ],
  [
    'an attempt that was not tried again',
    [record(), record({ outcome: 'refused', endReason: 'no grant' })],
    [connection()],
    'an attempt',
  ],
  ['a session that was cut and has no record', [], [connection(cut)], 'no record of a session that was cut'],
  ['a session that was cut for another reason', [record({ endReason: 'link lost' })], [connection(cut)], 'ended as link lost'],
  [
    'fewer bytes than came back',
    [record({ endReason: 'drained', exactness: 'at most', bytesUp: 900 })],
    [connection(cut)],
    'did not see',
  ],
])('finds %s', (_, records, connections, what) => {
  expect(compare(records, connections, ['drained']).wrong).toContainEqual(expect.stringContaining(what));
});

it('accepts a session that was lost as it was opened, if the agent opened another for the same request', () => {
  expect(compare([record(unheard), record()], [connection()]).wrong).toEqual([]);
});

it('accepts what a session that was cut may have, attempts that were repeated, and a record of a connect that failed', () => {
  const drained = record({ endReason: 'drained', exactness: 'at most', bytesDown: 1020 });
  const again = record({ outcome: 'refused', endReason: 'draining', bytesUp: null, bytesDown: null, repeats: 2 });
  const failed = connection({ answeredMs: null, failed: 'ECONNRESET', address: null });
  const unanswered = record({ id: 'b', clientAddress: '10.240.0.50:1' });
  const result = compare([drained, again, unanswered], [connection(cut), failed], ['drained']);
  expect([result.wrong, result.again]).toEqual([[], 2]);
});

it('a session that ended when its relay was lost may have the record of one that was cut, and no other may', () => {
  const lost = record({ endReason: 'relay lost', outcome: 'failed', exactness: 'at least', bytesUp: 500, bytesDown: 528 });
  const wrongWhen = (lostAt: number | undefined) => compare([lost], [connection()], ['relay lost'], lostAt).wrong;
  expect(wrongWhen(AT + 1400)).toEqual([]);
  for (const lostAt of [undefined, AT + 1500])
    expect(wrongWhen(lostAt)).toContainEqual(expect.stringContaining('no exact record'));
  expect(compare([], [connection()], ['relay lost'], AT + 600).wrong).toContainEqual(expect.stringContaining('no record'));
});
