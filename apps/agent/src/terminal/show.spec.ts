import { expect, it } from 'vitest';
import { showMoment } from './show.js';

it('shows a moment with how far it is from now', () => {
  const now = Date.parse('2026-11-22T08:23:55Z');
  expect(showMoment('2026-11-22T20:22:55.123Z', now)).toBe('2026-11-22 20:22:55Z (in 11 h 59 min)');
  expect(showMoment('2026-11-22T08:23:00Z', now)).toBe('2026-11-22 08:23:00Z (55.00 s ago)');
});
