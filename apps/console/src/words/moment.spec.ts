import { describe, expect, it } from 'vitest';
import { durationText, exactTime, relativeTime } from './moment.js';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const ago = (ms: number): string => relativeTime(new Date(NOW - ms).toISOString(), NOW);

describe('a moment in words', () => {
  it('is relative within a month, and a date beyond', () => {
    expect(ago(3000)).toBe('just now');
    expect(ago(45_000)).toBe('45 seconds ago');
    expect(ago(60_000)).toBe('1 minute ago');
    expect(ago(5 * 3_600_000)).toBe('5 hours ago');
    expect(ago(-3 * 86_400_000)).toBe('in 3 days');
    expect(ago(40 * 86_400_000)).toBe('2026-10-17');
  });

  it('is exact to the second in UTC', () => {
    expect(exactTime('2026-11-26T13:00:05.678+01:00')).toBe('2026-11-26 12:00:05Z');
  });

  it('shows what is no time as it came', () => {
    expect(exactTime('soon')).toBe('soon');
    expect(relativeTime('soon', NOW)).toBe('soon');
  });
});

describe('a duration', () => {
  it('has two units at most', () => {
    expect([350, 1234, 200_000, 60_000, 7_500_000, 90_000_000].map(durationText)).toEqual([
      '350 ms',
      '1.2 s',
      '3 min 20 s',
      '1 min',
      '2 h 5 min',
      '1 d 1 h',
    ]);
  });
});
