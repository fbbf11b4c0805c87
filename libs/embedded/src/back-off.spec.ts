import { expect, it } from 'vitest';
import { BackOff } from './back-off.js';

it('doubles the wait up to half a minute', () => {
  const backOff = new BackOff();
  expect(Array.from({ length: 9 }, () => backOff.next(0))).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

it('begins again after a process that ran for more than a minute', () => {
  const backOff = new BackOff();
  expect([backOff.next(0), backOff.next(60_000), backOff.next(60_001)]).toEqual([500, 1000, 500]);
});
