import { expect, it } from 'vitest';
import { Rate } from './rate.js';

it('is what a total grew by each second since the last look', () => {
  const rate = new Rate(1000);
  expect(rate.look(6000, 4000)).toBe(2000);
  expect(rate.look(6000, 7000)).toBe(0);
  expect(rate.look(6100, 7500)).toBe(200);
  expect(rate.look(9000, 7500)).toBe(0);
});
