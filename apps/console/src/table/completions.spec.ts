import { expect, it } from 'vitest';
import { completionsOf } from './completions.js';

const suggestions = ['gateway:Edge-1', 'gateway:"edge 2"', 'live:yes', 'live:no'];

it.each([
  ['', []],
  ['orders ', []],
  ['orders gate', ['orders gateway:Edge-1', 'orders gateway:"edge 2"']],
  ['EDGE', ['gateway:Edge-1', 'gateway:"edge 2"']],
  ['"a b" live:', ['"a b" live:yes', '"a b" live:no']],
  ['x gateway:"edge 2', ['x gateway:"edge 2"']],
  ['gateway:"edge 2"', []],
  ['live:yes', []],
])('completes %j', (typed, expected) => {
  expect(completionsOf(typed, suggestions)).toEqual(expected);
});
