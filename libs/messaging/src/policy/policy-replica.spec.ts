import { HEARTBEAT_KEY, SETTINGS_ID } from '@sluice/contracts';
import { DEFAULT_SETTINGS } from '@sluice/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { PolicyReplica } from './policy-replica.js';

let clock: number;
let policy: PolicyReplica;
let named: Set<string>;

beforeEach(() => {
  clock = 1_000_000;
  named = new Set();
  policy = new PolicyReplica(() => clock);
});

const at = new Date(0).toISOString();
/** A value of the bucket: a role of this name, or its tombstone. */
const role = (id: string, name: string | null, revision: number, change = false): void => {
  if (!change) named.add(`role.${id}`);
  policy.onValue(
    `role.${id}`,
    { revision, changedAt: at, entry: name === null ? null : { kind: 'role', value: { id, name, resources: [] } } },
    change,
  );
};
/** Completes the round: the values since the last round that were not changes are the whole content. */
const complete = (): void => {
  policy.onComplete(named);
  named = new Set();
};
const heartbeat = (change: boolean): void => policy.onValue(HEARTBEAT_KEY, { revision: 1, at }, change);

describe('a replica of the policy', () => {
  it('decides nothing before it has received everything and a heartbeat after that', () => {
    role('a', 'one', 1);
    heartbeat(true); // while it is being read
    expect([policy.usable, policy.ageMs]).toEqual([false, Number.POSITIVE_INFINITY]);
    complete();
    expect(policy.usable).toBe(false);
    heartbeat(true);
    expect([policy.usable, policy.ageMs]).toEqual([true, 0]);
  });

  it('does not accept a stored heartbeat as a sign of life', () => {
    heartbeat(false);
    complete();
    heartbeat(false);
    expect(policy.usable).toBe(false);
    heartbeat(true);
    clock += 60_000;
    heartbeat(false);
    complete(); // after a reconnection everything was read again
    expect(policy.ageMs).toBe(60_000);
    heartbeat(true);
    expect(policy.ageMs).toBe(0);
  });

  it('keeps the newest revision of a value, in whatever order they arrive', () => {
    role('a', 'second', 2);
    role('a', 'first', 1);
    complete();
    expect(policy.role('a')?.name).toBe('second');
    role('a', 'first', 1, true);
    expect(policy.role('a')?.name).toBe('second');
    role('a', null, 3, true);
    expect(policy.role('a')).toBeUndefined();
    role('a', 'second', 2, true);
    expect(policy.role('a')).toBeUndefined();
  });

  it('removes what a new round does not contain, even a key that arrived as a change before', () => {
    role('kept', 'kept', 1);
    role('gone', 'gone', 1);
    complete();
    role('short', 'short', 2, true);
    expect(policy.role('short')?.name).toBe('short');
    role('kept', 'kept', 1);
    complete();
    expect([policy.role('kept')?.name, policy.role('gone'), policy.role('short')]).toEqual(['kept', undefined, undefined]);
  });

  it('reports what it has applied only after a complete round, and never beyond a value that it cannot read', () => {
    role('a', 'one', 5);
    expect(policy.applied).toBe(0);
    complete();
    expect(policy.applied).toBe(5);
    const changes: number[] = [];
    policy.onChange(() => changes.push(policy.applied));
    role('b', 'two', 7, true);
    expect(changes).toEqual([7]);
    role('c', 'three', 9); // a new round, in which earlier values have not arrived yet
    expect(policy.applied).toBe(7);
    complete();
    expect(policy.applied).toBe(9);
    policy.onValue('role.d', { revision: 10, entry: { kind: 'of a newer release' } }, true);
    role('a', 'four', 11, true);
    expect(policy.applied).toBe(9);
    role('d', 'read again', 12, true);
    expect(policy.applied).toBe(12);
  });

  it('announces each change after a complete round, and skips what it cannot read', () => {
    const changes: number[] = [];
    policy.onChange((changedAt) => changes.push(changedAt));
    role('a', 'one', 1);
    expect(changes).toEqual([]);
    complete();
    expect(changes).toHaveLength(1);
    policy.onValue('role.b', { revision: 'x' }, true);
    policy.onValue('role.b', undefined, true);
    expect(changes).toHaveLength(1);
    role('a', 'two', 2, true);
    expect(changes).toEqual([changes[0], 0]);
  });

  it('names the key of a change, and no key when everything was read again', () => {
    const keys: (string | undefined)[] = [];
    policy.onChange((_, key) => keys.push(key));
    role('a', 'one', 1);
    complete();
    role('a', 'two', 2, true);
    expect(keys).toEqual([undefined, 'role.a']);
  });

  it('continues after a value that it could not read, once a new round does not contain it', () => {
    policy.onValue('role.b', { revision: 3, entry: { kind: 'of a newer release' } }, false);
    named.add('role.b');
    role('a', 'one', 1);
    complete();
    expect(policy.applied).toBe(0);
    role('a', 'one', 1);
    complete();
    expect(policy.applied).toBe(1);
  });

  it('says why a certificate is no longer accepted', () => {
    const revoked = (id: string, value: object | null, revision: number): void =>
      policy.onValue(`revoked.${id}`, { revision, changedAt: at, entry: value && { kind: 'revoked', value } }, true);
    const person = { kind: 'account', accountId: 'ann', loginId: 'desk' } as const;
    const refusal = (issuedAt = 5, authority = 'first') => policy.revocationOf(person, { issuedAt, authority });
    complete();
    expect(refusal()).toBeUndefined();
    revoked('ann', { kind: 'node', id: 'ann' }, 1); // an id of another kind
    expect(refusal()).toBeUndefined();
    revoked('desk', { kind: 'login', id: 'desk' }, 2);
    expect(refusal()).toBe('this account is revoked');
    revoked('desk', null, 3);
    revoked('restored', { kind: 'issued', id: 'restored', from: 4, until: 6 }, 4);
    expect([refusal(), refusal(6), refusal(7)]).toEqual([expect.stringContaining('backup'), expect.any(String), undefined]);
    complete(); // a round that does not contain it
    expect(refusal()).toBeUndefined();
    const authorities = ['second'];
    const value = { id: SETTINGS_ID, ...DEFAULT_SETTINGS, authorities };
    policy.onValue(`settings.${SETTINGS_ID}`, { revision: 5, changedAt: at, entry: { kind: 'settings', value } }, true);
    expect(policy.authorities).toEqual(['second']);
    expect([refusal(), refusal(5, 'second')]).toEqual([expect.stringContaining('authority'), undefined]);
  });
});
