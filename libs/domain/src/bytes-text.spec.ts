import { describe, expect, it } from 'vitest';
import { bytesText } from './bytes-text.js';

describe('bytes for people', () => {
  it('have three digits at most, and are exact below a KiB', () => {
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

  it('stay in the last unit however many they are', () => expect(bytesText(2 ** 63)).toBe('8192 PiB'));
});
