import { expect, it } from 'vitest';
import { counted } from './quantity.js';

it('counts in words', () => {
  expect(counted(1, 'session')).toBe('1 session');
  expect(counted(1200, 'session')).toBe('1,200 sessions');
  expect(counted(2, 'proxy cluster key', 'keys')).toBe('2 keys');
});
