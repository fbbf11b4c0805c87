import { HEARTBEAT_KEY, SETTINGS_ID } from '@sluice/contracts';
import { DEFAULT_SETTINGS } from '@sluice/domain';
import { PolicyReplica } from '@sluice/messaging';
import { expect, it } from 'vitest';
import { maySign } from './may-sign.js';

let clock = 0;
const policy = new PolicyReplica(() => clock);
let revision = 0;
const at = new Date(0).toISOString();

/** The policy says which authorities are accepted, and that it is up to date. */
function accepted(...authorities: string[]): void {
  const value = { id: SETTINGS_ID, ...DEFAULT_SETTINGS, authorities };
  policy.onValue(`settings.${SETTINGS_ID}`, { revision: ++revision, changedAt: at, entry: { kind: 'settings', value } }, true);
  policy.onComplete(new Set([`settings.${SETTINGS_ID}`]));
  policy.onValue(HEARTBEAT_KEY, { revision, at }, true);
}

it('signs nothing before it knows that the authority of its certificate is accepted, nor long after it knew', () => {
  expect(maySign(policy, 'mine')).toBe(false);
  accepted('next', 'mine');
  expect(maySign(policy, 'mine')).toBe(true);
  clock += 240_000;
  expect(maySign(policy, 'mine')).toBe(true);
  clock += 1;
  expect(maySign(policy, 'mine')).toBe(false);
  accepted('next');
  expect([maySign(policy, 'mine'), maySign(policy, 'next')]).toEqual([false, true]);
});
