import { expect, it } from 'vitest';
import { BackOff } from './back-off.js';

it('doubles the delay each time, up to the maximum', () => {
  const backOff = new BackOff(500, 3000, () => 1);
  expect([backOff.next(), backOff.next(), backOff.next(), backOff.next(), backOff.next()]).toEqual([500, 1000, 2000, 3000, 3000]);
});

it('waits between half of the delay and the whole delay', () => {
  expect(new BackOff(500, 3000, () => 0).next()).toBe(250);
  expect(new BackOff(500, 3000, () => 0.5).next()).toBe(375);
});

it('starts with the first delay again after a success', () => {
  const backOff = new BackOff(500, 3000, () => 1);
  backOff.next();
  backOff.next();
  backOff.reset();
  expect(backOff.longest).toBe(500);
  expect(backOff.next()).toBe(500);
});
