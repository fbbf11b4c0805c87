import { randomUUID } from 'node:crypto';
import { HEARTBEAT_KEY, SETTINGS_ID } from '@sluice/contracts';
import { DEFAULT_NETWORK, DEFAULT_SETTINGS } from '@sluice/domain';
import { PolicyReplica } from '@sluice/messaging';
import type { Link } from '@sluice/tunnel';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RelayConfig } from '../config.js';
import { Drains } from '../drain/drains.js';
import { GatewayRun } from '../drain/gateway-run.js';
import type { SessionBook } from '../fact/session-book.js';
import { type Ending, type LinkPeer, LiveSession } from './live-session.js';
import { LiveSessions } from './live-sessions.js';
import type { SessionContext } from './session-context.js';
import { startTimeouts } from './timeouts.js';

const [limited, unlimited] = [randomUUID(), randomUUID()];
const changedAt = new Date(0).toISOString();
const server = { name: 'orders', cluster: 'default', hostname: 'db.example', port: 5432, tags: {}, proxyProtocol: false };

let policy: PolicyReplica;
let live: LiveSessions;
let idle: Map<Link, LinkPeer>;
let checkpoints: { sessionId: string; bytesUp: number; bytesDown: number }[];
let stop: () => void;
const relayId = randomUUID();

const publish = (kind: string, id: string, value: object) =>
  policy.onValue(`${kind}.${id}`, { revision: 1, changedAt, entry: { kind, value: { id, ...value } } }, true);
const heartbeat = () => policy.onValue(HEARTBEAT_KEY, { revision: 1, at: changedAt }, true);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] });
  policy = new PolicyReplica(() => performance.now());
  policy.onComplete(new Set());
  heartbeat();
  publish('settings', SETTINGS_ID, { ...DEFAULT_SETTINGS, ...DEFAULT_NETWORK, idleTimeoutSeconds: 0, maxSessionSeconds: 0 });
  publish('resource', limited, { ...server, settings: { idleTimeoutSeconds: 10, maxSessionSeconds: 60 } });
  publish('resource', unlimited, { ...server, settings: {} });
  live = new LiveSessions();
  idle = new Map();
  checkpoints = [];
  const config = new RelayConfig({ SLUICE_RELAY_HOME: '/nowhere' });
  const book = { checkpoint: (_: string, data: (typeof checkpoints)[number]) => void checkpoints.push(data) };
  const drains = new Drains(policy, relayId);
  const context = { policy, live, idle, config, drains, book: book as unknown as SessionBook };
  stop = startTimeouts(context as unknown as SessionContext);
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

const peerUntil = (expiresAt: number): LinkPeer => ({
  accountId: randomUUID(),
  loginId: randomUUID(),
  gateway: new GatewayRun(randomUUID()),
  client: { address: '192.0.2.1', port: 1 },
  expiresAt,
  issuedAt: 0,
  authority: '',
});

/** A session that carries bytes, and how it was ended. */
function carrying(resourceId: string, peer = peerUntil(Infinity)) {
  const request = { requestId: randomUUID(), attempt: 1, sharedListener: false };
  const session = new LiveSession(randomUUID(), peer, resourceId, request, {
    id: randomUUID(),
    name: 'relay',
    cluster: 'default',
  });
  live.add(session);
  const carried = { bytes: 0, ended: undefined as Ending['reason'] | undefined };
  for (const state of ['dialing', 'active'] as const) session.move(state);
  session.carriedBy(
    ({ reason }) => (carried.ended = reason),
    () => ({ handed: carried.bytes, delivered: carried.bytes, read: 0 }),
  );
  return carried;
}

/** Lets time pass while the registry is there. */
function pass(seconds: number, each = () => undefined as void): void {
  for (let second = 0; second < seconds; second++) {
    heartbeat();
    each();
    vi.advanceTimersByTime(1000);
  }
}

it("ends a session that has carried nothing for its server's idle time, and no other", () => {
  const [idle, busy, free] = [carrying(limited), carrying(limited), carrying(unlimited)];
  pass(9, () => void busy.bytes++);
  expect(idle.ended).toBeUndefined();
  pass(3, () => void busy.bytes++);
  expect([idle.ended, busy.ended, free.ended]).toEqual(['idle', undefined, undefined]);
});

it('ends a session that has lasted as long as its server allows, although it carries bytes', () => {
  const [busy, free] = [carrying(limited), carrying(unlimited)];
  pass(59, () => void busy.bytes++);
  expect(busy.ended).toBeUndefined();
  pass(2, () => void busy.bytes++);
  expect([busy.ended, free.ended]).toEqual(['maximum length', undefined]);
});

it('ends every session once the policy is too old', () => {
  const sessions = [carrying(unlimited), carrying(unlimited)];
  vi.advanceTimersByTime(900_000);
  expect(sessions.map(({ ended }) => ended)).toEqual([undefined, undefined]);
  vi.advanceTimersByTime(1000);
  expect(sessions.map(({ ended }) => ended)).toEqual(['policy stale', 'policy stale']);
});

it('closes a link that waits for a session once its certificate has expired, and no other', () => {
  const closed: string[] = [];
  const wait = (name: string, seconds: number) =>
    idle.set({ close: () => closed.push(name) } as unknown as Link, peerUntil(Date.now() + seconds * 1000));
  wait('short', 5);
  wait('long', 3600);
  pass(4);
  expect(closed).toEqual([]);
  pass(1);
  expect(closed).toEqual(['short']);
});

it('ends every session at the deadline of a drain', () => {
  const [busy] = [carrying(unlimited)];
  const deadline = new Date(Date.now() + 30_000).toISOString();
  publish('drain', relayId, { kind: 'relay', cluster: 'default', deadline });
  pass(29, () => void busy.bytes++);
  expect(busy.ended).toBeUndefined();
  pass(1);
  expect(busy.ended).toBe('drained');
});

it('ends a session at the deadline of its gateway that stops, and none through another one', () => {
  const [leaving, staying] = [peerUntil(Infinity), peerUntil(Infinity)];
  const [through, elsewhere] = [carrying(unlimited, leaving), carrying(unlimited, staying)];
  leaving.gateway?.stop(Date.now(), 30_000);
  pass(29);
  expect(through.ended).toBeUndefined();
  pass(1);
  expect([through.ended, elsewhere.ended]).toEqual(['drained', undefined]);
});

it('records a checkpoint of the sessions that have carried bytes since the last one', () => {
  const [busy] = [carrying(unlimited), carrying(unlimited)];
  busy.bytes = 7;
  pass(5);
  expect(checkpoints.map(({ bytesUp }) => bytesUp)).toEqual([7]);
  pass(5); // nothing new
  expect(checkpoints).toHaveLength(1);
  busy.bytes = 9;
  pass(5);
  expect(checkpoints.map(({ bytesUp }) => bytesUp)).toEqual([7, 9]);
});
