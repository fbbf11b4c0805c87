import { expect, it } from 'vitest';
import { everySpan } from './every-span.js';

it('has every minute of the hour and every hour of the day, also those without sessions', () => {
  const span = { at: '2026-11-26T11:58:00.000Z', live: 0, completed: 3, refused: 0, failed: 1, bytes: 7 };
  const minutes = everySpan([span], '2026-11-26T12:00:30.000Z', 'minute');
  expect(minutes).toHaveLength(60);
  expect(minutes[57]).toBe(span);
  expect(minutes.map(({ at }) => at)).toEqual(minutes.map(({ at }) => at).sort());
  expect([minutes[0]?.at, minutes[59]?.at]).toEqual(['2026-11-26T11:01:00.000Z', '2026-11-26T12:00:00.000Z']);
  expect(everySpan([], '2026-11-26T12:00:30.000Z', 'hour')[0]?.at).toBe('2026-11-25T13:00:00.000Z');
});
