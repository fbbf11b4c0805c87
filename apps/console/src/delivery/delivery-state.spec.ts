import { expect, it } from 'vitest';
import { deliveryState } from './delivery-state.js';

const NOW = Date.parse('2026-11-27T12:00:00Z');
const delivery = {
  ...{ waiting: 0, unacknowledged: 0, deliveredNumber: 9, acknowledgedNumber: 9 },
  ...{ deliveredAt: null, acknowledgedAt: null, oldestAt: null },
};

it.each([
  [null, 'unknown'],
  [delivery, 'up to date'],
  [{ ...delivery, waiting: 3, oldestAt: '2026-11-27T11:58:00Z' }, 'receiving'],
  [{ ...delivery, waiting: 3, oldestAt: '2026-11-27T11:30:00Z', acknowledgedAt: '2026-11-27T11:58:00Z' }, 'receiving'],
  [{ ...delivery, waiting: 3, oldestAt: '2026-11-27T11:30:00Z', acknowledgedAt: '2026-11-27T11:31:00Z' }, 'not receiving'],
  [{ ...delivery, waiting: 3, oldestAt: '2026-11-27T11:30:00Z' }, 'not receiving'],
  [{ ...delivery, unacknowledged: 3, oldestAt: '2026-11-27T10:59:00Z' }, 'behind'],
  [{ ...delivery, waiting: 3 }, 'receiving'], // nobody can tell since when
])('says how a reader follows the stream: %#', (given, state) => {
  expect(deliveryState(given, NOW)).toBe(state);
});
