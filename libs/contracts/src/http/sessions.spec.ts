import { expect, it } from 'vitest';
import { listSessions } from './sessions.js';

it('accepts the filter of live sessions as text of a query and as the value that the service receives', () => {
  for (const live of [true, false]) {
    const entered = listSessions.input.parse({ live: String(live) });
    expect(entered.live).toBe(live);
    expect(listSessions.input.parse(entered)).toEqual(entered);
  }
  expect(listSessions.input.safeParse({ live: 'maybe' }).success).toBe(false);
});
