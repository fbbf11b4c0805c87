import { expect, it } from 'vitest';
import { nextProbeIn, noteResult, UNKNOWN_HEALTH } from './node-health.js';

it('turns a healthy node unhealthy with the second failure in a row, and asks ever more seldom', () => {
  const healthy = noteResult(UNKNOWN_HEALTH, undefined, 1);
  const once = noteResult(healthy, 'connect refused', 2);
  const twice = noteResult(once, 'connect refused', 3);
  expect([UNKNOWN_HEALTH.state, healthy.state, once.state, twice.state, noteResult(twice, undefined, 4).state]).toEqual([
    'unknown',
    'healthy',
    'healthy',
    'unhealthy',
    'healthy',
  ]);
  expect(noteResult(UNKNOWN_HEALTH, 'x', 1).state).toBe('unhealthy');
  const waits = [once, twice, noteResult(twice, 'x', 4)].map((health) => nextProbeIn(health, 60_000, 0.5));
  expect(waits).toEqual([3000, 6000, 12_000]);
  expect(nextProbeIn({ ...twice, failuresInARow: 50 }, 60_000, 0.5)).toBe(60_000);
});
