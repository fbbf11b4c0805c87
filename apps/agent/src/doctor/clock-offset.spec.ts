import { expect, it } from 'vitest';
import { clockOffset } from './clock-offset.js';

it.each([
  ['at the beginning of the second', 10_000, 10_002],
  ['at its end', 10_990, 10_999],
  ['with an answer that takes a while', 9_100, 10_100],
])('takes one clock for the same as itself %s', (_, sentAt, receivedAt) => {
  expect(clockOffset(10_000, sentAt, receivedAt)).toBe(0);
});

it('measures what is off from the middle of the round trip', () => {
  expect(clockOffset(10_000, 13_400, 13_600)).toBe(3000);
  expect(clockOffset(10_000, 7_400, 7_600)).toBe(-3000);
  expect(clockOffset(10_000, 11_002, 11_004)).toBe(503);
});
