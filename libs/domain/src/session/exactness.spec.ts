import { expect, it } from 'vitest';
import { bytesCarried, exactnessOf } from './exactness.js';

it('calls the counts of a record exact only once it is final', () => {
  expect(exactnessOf({ state: 'final', exactness: 'at most' })).toBe('at most');
  expect(exactnessOf({ state: 'final', exactness: null })).toBe('exact'); // nothing was carried
  expect(exactnessOf({ state: 'live', exactness: null })).toBe('at least');
  expect(exactnessOf({ state: 'presumed ended', exactness: 'exact' })).toBe('at least');
});

it('counts nothing for a running session before its first checkpoint, and does not know it for others', () => {
  expect(bytesCarried(null, { state: 'live' })).toBe(0);
  expect(bytesCarried(null, { state: 'final' })).toBeNull();
  expect(bytesCarried(7, { state: 'live' })).toBe(7);
});
