import { expect, it } from 'vitest';
import { BackOff } from './back-off.js';

it('doubles each wait up to the longest', () => {
  const backOff = new BackOff(500, 3000, () => 1);
  expect([backOff.next(), backOff.next(), backOff.next(), backOff.next(), backOff.next()]).toEqual([500, 1000, 2000, 3000, 3000]);
});

it('waits between half of a wait and all of it', () => {
  expect(new BackOff(500, 3000, () => 0).next()).toBe(250);
  expect(new BackOff(500, 3000, () => 0.5).next()).toBe(375);
});

it('begins again after a success', () => {
  const backOff = new BackOff(500, 3000, () => 1);
  backOff.next();
  backOff.next();
  backOff.reset();
  expect(backOff.longest).toBe(500);
  expect(backOff.next()).toBe(500);
});
