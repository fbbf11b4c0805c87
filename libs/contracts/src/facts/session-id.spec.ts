import { createHash, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { isForeignSession, SessionIds } from './session-id.js';

const author = '6c0ffee0-0000-4000-8000-000000000001';

it('has the documented layout: milliseconds, version 8, serial, variant, author tag, serial', () => {
  const id = new SessionIds(
    author,
    () => 0x0123456789ab,
    () => 0x1_5555_5555,
  ).next();
  expect(z.uuid().parse(id)).toBe(id);
  const bits = [...id.replaceAll('-', '')].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  const tag = createHash('sha256').update(author).digest('hex').slice(0, 10);
  const field = (from: number, length: number) => Number.parseInt(bits.slice(from, from + length), 2);
  expect([field(0, 48), field(48, 4), field(64, 2), field(66, 40)]).toEqual([0x0123456789ab, 8, 2, Number.parseInt(tag, 16)]);
  expect(field(52, 12) * 2 ** 22 + field(106, 22)).toBe(0x1_5555_5555);
});

it('only increases, and makes no id twice: neither within a millisecond, nor when the clock is set back, nor when all serials are used', () => {
  const moments = [5, 5, 5, 4, 1, 5, 6, 6, 2, 7];
  let calls = 0;
  const ids = new SessionIds(
    author,
    () => moments[calls++] ?? 7,
    (below) => below - 1,
  );
  const made = Array.from({ length: 10 }, () => ids.next());
  expect([...made].sort()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);

  const last = new SessionIds(
    author,
    () => 9,
    () => 2 ** 34 - 1,
  );
  const beyond = [last.next(), last.next(), last.next()];
  expect([...beyond].sort()).toEqual(beyond);
  expect(beyond.map((id) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16))).toEqual([9, 10, 11]);
});

it('makes different ids in two processes of one author in the same millisecond', () => {
  const [one, two] = [new SessionIds('registry', () => 1), new SessionIds('registry', () => 1)];
  const made = Array.from({ length: 1000 }, () => [one.next(), two.next()]).flat();
  expect(new Set(made).size).toBe(2000);
});

it('distinguishes the ids of one author from those of others, in any spelling', () => {
  const id = new SessionIds(author).next();
  expect(isForeignSession(id, author)).toBe(false);
  expect(isForeignSession(id.toUpperCase(), author)).toBe(false);
  for (const other of [randomUUID(), 'registry', 'health', '']) {
    expect(isForeignSession(id, other)).toBe(true);
    expect(isForeignSession(new SessionIds(other).next(), author)).toBe(true);
  }
});

it('names no author for an id of another version', () => {
  const others = [randomUUID(), '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
  expect(others.map((id) => isForeignSession(id, author))).toEqual([false, false, false]);
});
