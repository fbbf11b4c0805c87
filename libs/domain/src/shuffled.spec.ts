import { expect, it } from 'vitest';
import { shuffled } from './shuffled.js';

/** Each sequence of choices leads to one order: 3 for the last place, 2 for the one before it. */
it('reaches every order with the same probability, and keeps the original', () => {
  const items = ['a', 'b', 'c'];
  const orders = [0, 1, 2].flatMap((third) =>
    [0, 1].map((second) => {
      const dice = [third / 3, second / 2];
      return shuffled(items, () => dice.shift() as number).join('');
    }),
  );
  expect(orders.sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  expect(items).toEqual(['a', 'b', 'c']);
});
