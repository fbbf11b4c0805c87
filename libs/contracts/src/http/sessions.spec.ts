import { expect, it } from 'vitest';
import { listSessions } from './sessions.js';

it('takes the filter of live sessions as a query has it, and as the service that answers gets it', () => {
  for (const live of [true, false]) {
    const entered = listSessions.input.parse({ live: String(live) });
    expect(entered.live).toBe(live);
    expect(listSessions.input.parse(entered)).toEqual(entered);
  }
  expect(listSessions.input.safeParse({ live: 'maybe' }).success).toBe(false);
});
