import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { Open, readBody, Refused } from './session-frames.js';

const open = { resourceId: randomUUID(), requestId: randomUUID(), attempt: 1, sharedListener: false };
const read = (body: object) => readBody(Buffer.from(JSON.stringify(body)), Open);

it('reads an `open` of a peer that knows no traces, and one of a peer that knows more than we do', () => {
  expect(read(open)).toEqual(open);
  expect(read({ ...open, later: { a: 1 } })).toEqual(open);
});

it.each([1, null, {}, ['x'], 'x'.repeat(65)])(
  'reads an `open` whose traceparent is malformed, without that: %j',
  (traceparent) => {
    expect(read({ ...open, traceparent })?.traceparent).toBeUndefined();
    expect(read({ ...open, traceparent })).toMatchObject(open);
  },
);

it('reads a `refused` whose reason is of a later release, with its message', () => {
  const refused = { reason: 'the moon is full', message: 'not today', safeToRetry: true };
  expect(readBody(Buffer.from(JSON.stringify(refused)), Refused)).toEqual({ ...refused, reason: 'no relay' });
});
