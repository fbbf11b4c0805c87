import { expect, it } from 'vitest';
import { missingText } from './reach.js';

const reach = { published: true, relays: 1, of: 2, missing: [] };
const missing = [
  { kind: 'relay' as const, name: 'berlin-1', lastSeenAt: null },
  { kind: 'gateway' as const, name: 'gw', lastSeenAt: null },
];

it('says which relays may not have a change, and nothing if all have it', () => {
  expect(missingText(undefined)).toBeUndefined();
  expect(missingText({ ...reach, relays: 2 })).toBeUndefined();
  expect(missingText({ ...reach, missing })).toBe(
    'Only 1 of 2 relays have it yet; not confirmed by the relay berlin-1, the gateway gw.',
  );
  expect(missingText({ ...reach, published: false })).toBe('It is committed, but no relay has it yet.');
});
