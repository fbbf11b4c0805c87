import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HEARTBEAT_KEY, SETTINGS_ID } from '@sluice/contracts';
import { DEFAULT_NETWORK, DEFAULT_SETTINGS } from '@sluice/domain';
import { type Bus, PolicyReplica } from '@sluice/messaging';
import { createLog, LimitedLog } from '@sluice/process';
import { TestStores } from '@sluice/testing';
import type { Link } from '@sluice/tunnel';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RelayConfig } from '../config.js';
import { SessionBook } from '../fact/session-book.js';
import { FactPublisher } from '../journal/fact-publisher.js';
import { Journal } from '../journal/journal.js';
import { Drains } from '../drain/drains.js';
import { LiveSession } from './live-session.js';
import { LiveSessions } from './live-sessions.js';
import { openSession } from './open-session.js';
import { rejectAttempt } from './reject-attempt.js';

const [accountId, roleId, resourceId] = [randomUUID(), randomUUID(), randomUUID()];
const relay = { id: randomUUID(), name: 'relay', cluster: 'default' };
const changedAt = new Date().toISOString();
const log = createLog('relay', 'silent');

let folder: string;
let stores: TestStores;
let bus: Bus;
let service: Server;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-open-'));
  stores = await TestStores.start({ postgres: false });
  bus = await stores.join('audit'); // no stream of facts exists yet, so nothing is acknowledged
  service = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(service, 'listening');
}, 60_000);
afterAll(async () => {
  service.close();
  await bus.close();
  await stores.stop();
  rmSync(folder, { recursive: true });
});

function policy(): PolicyReplica {
  const replica = new PolicyReplica(() => performance.now());
  const entry = (kind: string, id: string, value: object) =>
    replica.onValue(`${kind}.${id}`, { revision: 2, changedAt, entry: { kind, value: { id, ...value } } }, true);
  const { port } = service.address() as AddressInfo;
  replica.onComplete(new Set());
  replica.onValue(HEARTBEAT_KEY, { revision: 1, at: changedAt }, true);
  entry('settings', SETTINGS_ID, { ...DEFAULT_SETTINGS, ...DEFAULT_NETWORK });
  entry('role', roleId, { name: 'readers', resources: [resourceId] });
  entry('account', accountId, { email: 'a@example.com', roles: [roleId] });
  entry('resource', resourceId, {
    ...{ name: 'orders', cluster: 'default', hostname: '127.0.0.1', port, tags: {}, proxyProtocol: false, settings: {} },
  });
  return replica;
}

it('records an end for every session that it has recorded as open, even if JetStream does not acknowledge it', async () => {
  const journal = await Journal.open(path.join(folder, 'journal'), relay.id);
  const publisher = new FactPublisher(bus, journal, relay.id, log);
  const config = new RelayConfig({ SLUICE_RELAY_HOME: folder, SLUICE_EGRESS_ALLOW: '127.0.0.0/8' });
  const book = new SessionBook(journal, publisher, bus, config, relay, log);
  const live = new LiveSessions();
  const context = {
    ...{ relay, policy: policy(), book, config, log, notRecorded: new LimitedLog(log), live },
    ...{ idle: new Map(), drains: new Drains({ find: () => undefined }, relay.id) },
  };
  const open = async () => {
    const client = { address: '192.0.2.1', port: 1 };
    const peer = {
      accountId,
      loginId: randomUUID(),
      gateway: null,
      client,
      expiresAt: Infinity,
      issuedAt: Date.now(),
      authority: '',
    };
    const request = { requestId: randomUUID(), attempt: 1, sharedListener: false };
    const session = new LiveSession(randomUUID(), peer, resourceId, request, relay);
    live.add(session);
    const opened = await openSession(session, context, new AbortController().signal);
    if (!('reason' in opened)) throw new Error('a session began that nobody knows of');
    rejectAttempt({ alive: false } as Link, session, opened, context, () => undefined);
    live.delete(session);
    return opened.reason;
  };
  const reasons = await Promise.all(Array.from({ length: 15 }, open)); // more than are recorded individually within a minute
  expect(new Set(reasons)).toEqual(new Set(['journal failed']));
  book.stopCounting();
  await book.end(0);
  const facts = [...journal.since(0)].map(
    ({ bytes }) => JSON.parse(bytes.toString()) as { type: string; data: { sessionId: string } },
  );
  const sessions = (type: string) => facts.filter((fact) => fact.type === type).map(({ data }) => data.sessionId);
  expect(sessions('sluice.session.opened.v1')).toHaveLength(15);
  expect(sessions('sluice.session.closed.v1').sort()).toEqual(sessions('sluice.session.opened.v1').sort());
  expect(sessions('sluice.session.failed.v1')).toEqual([]);
  expect(journal.openSessions).toEqual([]);
}, 30_000);
