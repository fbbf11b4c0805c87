import { expect, it } from 'vitest';
import { delayAfter } from './growing-delay.js';

it('doubles the wait after the free attempts, up to a maximum, and never locks out', () => {
  const pace = { name: 'x', free: 5, firstSeconds: 2, maxSeconds: 300, windowSeconds: 3600 };
  const delays = Array.from({ length: 16 }, (_, i) => delayAfter(pace, i + 1));
  expect(delays).toEqual([0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  expect(delayAfter(pace, 1_000_000)).toBe(300);
});
