import { expect, it } from 'vitest';
import { isFlapping, recentChanges } from './flapping.js';

const MINUTE = 60_000;
const changes = [1, 4, 9].map((minutes) => minutes * MINUTE);

it('is flapping from the third change within ten minutes, until ten minutes after the first of the three', () => {
  expect(isFlapping(changes.slice(0, 2), 9 * MINUTE)).toBe(false);
  expect(isFlapping(changes, 9 * MINUTE)).toBe(true);
  expect(isFlapping(changes, 11 * MINUTE - 1)).toBe(true);
  expect(isFlapping(changes, 11 * MINUTE)).toBe(false);
  expect(recentChanges(changes, 14 * MINUTE)).toEqual([9 * MINUTE]);
});
