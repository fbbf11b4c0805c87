import { randomUUID } from 'node:crypto';
import { HEARTBEAT_KEY, SETTINGS_ID } from '@sluice/contracts';
import { DEFAULT_NETWORK, DEFAULT_SETTINGS } from '@sluice/domain';
import { PolicyReplica } from '@sluice/messaging';
import { beforeEach, expect, it } from 'vitest';
import { RelayConfig } from '../config.js';
import type { SessionBook } from '../fact/session-book.js';
import { admit } from './admit.js';
import { LiveSession } from './live-session.js';
import { LiveSessions } from './live-sessions.js';

const [accountId, roleId, resourceId] = [randomUUID(), randomUUID(), randomUUID()];
const changedAt = new Date(0).toISOString();
const limits = { ...DEFAULT_SETTINGS, ...DEFAULT_NETWORK, sessionsPerAccount: 3, sessionsPerAddress: 2, sessionsPerServer: 0 };

let now: number;
let policy: PolicyReplica;
let live: LiveSessions;
let revision: number;
let room: SessionBook['room'];

const publish = (kind: string, id: string, value: unknown) =>
  policy.onValue(
    `${kind}.${id}`,
    { revision: ++revision, changedAt, entry: { kind, value: { id, ...(value as object) } } },
    true,
  );

const orders = { name: 'orders', cluster: 'default', hostname: 'db.example', port: 5432, tags: {}, proxyProtocol: false };
const publishResource = (settings: object) => publish('resource', resourceId, { ...orders, settings });

beforeEach(() => {
  [now, revision, room] = [0, 0, 'yes'];
  policy = new PolicyReplica(() => now);
  live = new LiveSessions();
  policy.onComplete(new Set());
  policy.onValue(HEARTBEAT_KEY, { revision: 1, at: changedAt }, true);
  publish('settings', SETTINGS_ID, limits);
  publish('role', roleId, { name: 'readers', resources: [resourceId] });
  publish('account', accountId, { email: 'a@example.com', roles: [roleId] });
  publishResource({});
});

/** A session that is being admitted, counted among the live ones as every session is. */
function session(address = '192.0.2.1', expiresAt = Infinity): LiveSession {
  const client = { address, port: 1 };
  const peer = { accountId, loginId: randomUUID(), gateway: null, client, expiresAt, issuedAt: 0, authority: '' };
  const request = { requestId: randomUUID(), attempt: 1, sharedListener: false };
  const added = new LiveSession(randomUUID(), peer, resourceId, request, { id: randomUUID(), name: 'relay', cluster: 'default' });
  live.add(added);
  return added;
}

function decide(admitted = session(), draining = false, maxSessions = '10') {
  const config = new RelayConfig({ SLUICE_RELAY_HOME: '/nowhere', SLUICE_MAX_SESSIONS: maxSessions });
  const decision = admit(admitted, { policy, config, live, drains: { here: draining }, book: { room } as SessionBook });
  return 'reason' in decision ? decision.reason : 'admitted';
}

it('admits what a role allows, and notes the names for the record', () => {
  const admitted = session();
  expect(decide(admitted)).toBe('admitted');
  expect(admitted.namesAtStart).toMatchObject({ email: 'a@example.com', name: 'orders', endpoint: 'db.example:5432' });
});

it.each([
  ['certificate expired', () => decide(session('192.0.2.1', Date.now() - 1))],
  ['draining', () => decide(session(), true)],
  ['policy stale', () => ((now += 301_000), decide())],
  ['journal full', () => ((room = 'journal full'), decide())],
  ['no grant', () => (publish('account', accountId, { email: 'a@example.com', roles: [] }), decide())],
])('refuses with "%s"', (reason, decideThen) => expect(decideThen()).toBe(reason));

it('admits exactly as many sessions as each limit allows, not counting the one being admitted', () => {
  session('192.0.2.1');
  expect(decide(session('192.0.2.1'))).toBe('admitted'); // the second of two from this address
  expect(decide(session('192.0.2.1'))).toBe('limit reached');
  live = new LiveSessions();
  for (const address of ['192.0.2.1', '192.0.2.2']) session(address);
  expect(decide(session('192.0.2.3'))).toBe('admitted'); // the third of three of this account
  expect(decide(session('192.0.2.4'))).toBe('limit reached');
  live = new LiveSessions();
  publishResource({ sessionsPerServer: 1 });
  expect([decide(session('192.0.2.1')), decide(session('192.0.2.2'))]).toEqual(['admitted', 'limit reached']);
  live = new LiveSessions();
  publishResource({});
  session();
  expect([decide(session('192.0.2.2'), false, '2'), decide(session('192.0.2.3'), false, '2')]).toEqual([
    'admitted',
    'limit reached',
  ]);
});
