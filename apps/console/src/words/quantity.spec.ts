import { describe, expect, it } from 'vitest';
import { bytesText, counted } from './quantity.js';

describe('bytes in binary units', () => {
  it('show three digits at most, and exact bytes below a KiB', () => {
    expect([0, 1, 1023, 1024, 1536, 10_240, 1_048_575, 1_048_576, 5 * 2 ** 40].map(bytesText)).toEqual([
      '0 B',
      '1 B',
      '1023 B',
      '1 KiB',
      '1.5 KiB',
      '10 KiB',
      '1 MiB',
      '1 MiB',
      '5 TiB',
    ]);
  });

  it('go on past the last unit', () => expect(bytesText(2 ** 63)).toBe('8192 PiB'));
});

it('counts in words', () => {
  expect(counted(1, 'session')).toBe('1 session');
  expect(counted(1200, 'session')).toBe('1,200 sessions');
  expect(counted(2, 'proxy cluster key', 'keys')).toBe('2 keys');
});
