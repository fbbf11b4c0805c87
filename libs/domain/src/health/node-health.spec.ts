import { expect, it } from 'vitest';
import { isDoubtful, noteResult, UNKNOWN_HEALTH } from './node-health.js';

const fails = { error: 'refused' };
const healthy = noteResult(UNKNOWN_HEALTH, { roundTripMs: 12 }, 1, false);

it('is unhealthy with the second failure in a row, or when another node has just failed too', () => {
  const once = noteResult(healthy, fails, 2, false);
  expect([once.state, isDoubtful(once)]).toEqual(['healthy', true]);
  expect(noteResult(once, fails, 3, false)).toMatchObject({ state: 'unhealthy', failuresInARow: 2 });
  expect(noteResult(healthy, fails, 2, true).state).toBe('unhealthy');
  expect(noteResult(UNKNOWN_HEALTH, fails, 1, false).state).toBe('unhealthy');
});

it('is healthy with the first success, and keeps the last error with its time', () => {
  const back = noteResult(noteResult(healthy, fails, 2, true), {}, 9, false);
  expect(back).toEqual({
    state: 'healthy',
    failuresInARow: 0,
    checkedAt: 9,
    lastError: 'refused',
    lastErrorAt: 2,
    roundTripMs: 12, // a session does not measure it
  });
});
