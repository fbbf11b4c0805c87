import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { jetstream } from '@nats-io/jetstream';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import {
  ALL_FACTS,
  asyncApiDocument,
  AUDIT_STREAM,
  FACT_CONSUMER,
  OCSF_CONSUMER,
  READER_STREAMS,
  readerState,
} from '@sluice/contracts';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { joinBus } from './join-bus.js';
import { shortSessions } from './carried.js';
import { Scene } from './scene.js';
import { eventsIn, runReader } from './siem-reader.js';
import { startNatsAgain } from './start-nats-again.js';

type Credentials = Schemas['SiemCredentials'];

let scene: Scene;
let admin: TestUser;
const cleanUps: (() => unknown)[] = [];

beforeAll(async () => {
  scene = await Scene.start({ restart: false });
  admin = await scene.system.addUser('administrator');
}, 60_000);
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  await admin.leave();
  await scene.end();
});

const create = (name: string, more: { subjects?: string[]; fromNumber?: number } = {}): Promise<Credentials> =>
  unwrap(scene.system.admin.POST('/api/v1/siem-readers', { body: { name, ...more } }));
const show = (id: string): Promise<Schemas['SiemReader']> =>
  unwrap(scene.system.admin.GET('/api/v1/siem-readers/{id}', { params: { path: { id } } }));

/** Connects with a reader's credentials, as NATS clients do. */
async function join({
  credentials,
  servers,
  ca,
  inboxPrefix,
}: Credentials): Promise<{ connection: NatsConnection; errors: string[] }> {
  const authenticator = credsAuthenticator(Buffer.from(credentials));
  const connection = await connect({ servers, tls: { ca: ca ?? '' }, authenticator, inboxPrefix });
  cleanUps.push(() => connection.close());
  const errors: string[] = [];
  void (async () => {
    for await (const status of connection.status()) if (status.type === 'error') errors.push(status.error.message);
  })();
  return { connection, errors };
}

/** Receives events and acknowledges them, as many as there are. */
async function receive(
  connection: NatsConnection,
  consumer: string,
  most = 10_000,
): Promise<{ number: number; subject: string }[]> {
  const from = await jetstream(connection).consumers.get(AUDIT_STREAM, consumer);
  const events: { number: number; subject: string }[] = [];
  for await (const event of await from.fetch({ max_messages: Math.min(most, 1000), expires: 1000 })) {
    events.push({ number: event.seq, subject: event.subject });
    await event.ackAck();
  }
  return events;
}

async function consumers(): Promise<string[]> {
  const audit = await joinBus(scene.system.handle.home, 'audit');
  const { jetstreamManager } = await import('@nats-io/jetstream');
  const names: string[] = [];
  for await (const { name } of (await jetstreamManager(audit.connection, { checkAPI: false })).consumers.list(AUDIT_STREAM))
    names.push(name);
  await audit.connection.close();
  return names.sort();
}

it('receives every event with its subject and number, and the administrator sees how far it is', async () => {
  const reader = await create('everything', { fromNumber: 1 });
  expect(reader.delivery).toMatchObject({ unacknowledged: 0, deliveredNumber: 0 });
  expect(reader.delivery?.waiting).toBeGreaterThan(5);
  expect(Date.now() - Date.parse(reader.delivery?.oldestAt ?? '')).toBeLessThan(600_000);
  const { connection } = await join(reader);
  const events = await receive(connection, reader.consumer);
  expect(events.map(({ number }) => number)).toEqual(events.map((_, index) => index + 1));
  expect(events.map(({ subject }) => subject)).toContain('audit.v1.activity.siem-reader.created');
  const channels = Object.values(asyncApiDocument()['channels'] as Record<string, { address: string }>).map(
    ({ address }) => new RegExp(`^${address.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^.]+')}$`),
  );
  for (const subject of new Set(events.map((event) => event.subject)))
    expect([subject, channels.filter((channel) => channel.test(subject)).length]).toEqual([subject, 1]);
  const { delivery } = await show(reader.id);
  expect(delivery).toMatchObject({
    unacknowledged: 0,
    acknowledgedNumber: delivery?.deliveredNumber,
    oldestAt: null,
    waiting: 0,
  });
  expect(Date.now() - Date.parse(delivery?.acknowledgedAt ?? '')).toBeLessThan(60_000);
});

it('receives only the events that were chosen, from now on if nothing else is asked', async () => {
  const reader = await create('users', { subjects: ['audit.v1.activity.user.*', 'audit.v1.integrity.>'] });
  const { connection } = await join(reader);
  await scene.system.addUser();
  await expect.poll(async () => (await show(reader.id)).delivery?.waiting, { timeout: 10_000 }).toBe(1);
  expect(await receive(connection, reader.consumer)).toMatchObject([{ subject: 'audit.v1.activity.user.added' }]);
});

it('may do nothing but fetch and acknowledge its own events', async () => {
  const [mine, other] = [await create('mine', { fromNumber: 1 }), await create('other', { fromNumber: 1 })];
  const [{ connection, errors }, their] = [await join(mine), await join(other)];
  const refused = async (attempt: () => void): Promise<boolean> => {
    errors.length = 0;
    attempt();
    await connection.flush();
    await new Promise(setImmediate);
    return errors.some((error) => error.toLowerCase().includes('permissions violation'));
  };
  const api = '$JS.API';
  for (const subject of [
    ...[other.consumer, FACT_CONSUMER].flatMap((name) => [
      `${api}.CONSUMER.MSG.NEXT.${AUDIT_STREAM}.${name}`,
      `${api}.CONSUMER.INFO.${AUDIT_STREAM}.${name}`,
      `$JS.ACK.${AUDIT_STREAM}.${name}.1.1.1.1.0`,
      readerState(AUDIT_STREAM, name),
    ]),
    ...READER_STREAMS.flatMap((stream) => [
      ...['CREATE', 'DELETE', 'PAUSE', 'DURABLE.CREATE'].map((verb) => `${api}.CONSUMER.${verb}.${stream}.${mine.consumer}`),
      ...['INFO', 'DELETE', 'PURGE', 'UPDATE', 'MSG.GET', 'MSG.DELETE'].map((verb) => `${api}.STREAM.${verb}.${stream}`),
      ...[
        `${api}.CONSUMER.LIST.${stream}`,
        `${api}.DIRECT.GET.${stream}`,
        `${api}.CONSUMER.MSG.NEXT.${stream}.${other.consumer}`,
      ],
    ]),
    ...[`${api}.INFO`, `${api}.STREAM.CREATE.MINE`, `${api}.CONSUMER.MSG.NEXT.${AUDIT_STREAM}.${OCSF_CONSUMER}`],
    ...[
      'audit.v1.activity.user.added',
      'audit.v1.session.opened.default.x.y',
      'siem.v1.ocsf.network_activity.open',
      'rpc.v1.registry.users.list',
      `${other.inboxPrefix}.x`,
    ],
  ])
    expect([subject, await refused(() => connection.publish(subject, '{}'))]).toEqual([subject, true]);
  for (const subject of [
    `${other.inboxPrefix}.>`,
    '_INBOX.>',
    '>',
    ALL_FACTS,
    'stored.>',
    'node.v1.>',
    `$JS.ACK.${AUDIT_STREAM}.>`,
  ])
    expect([subject, await refused(() => void connection.subscribe(subject, { callback: () => undefined }))]).toEqual([
      subject,
      true,
    ]);

  // the reply subject of a request is not checked, so it must not reach further than the readers' account
  const services = await joinBus(scene.system.handle.home, 'registry');
  const siem = await joinBus(scene.system.handle.home, 'siem');
  cleanUps.push(
    () => services.connection.close(),
    () => siem.connection.close(),
  );
  const received: string[] = [];
  const traps = [
    [services.connection, 'rpc.v1.registry.trap'],
    [siem.connection, 'audit.v1.session.opened.trap'],
    [siem.connection, '_INBOX_siem.trap'],
    [services.connection, '_INBOX_registry.trap'],
  ] as const;
  for (const [trap, subject] of traps) trap.subscribe(subject, { callback: () => void received.push(subject) });
  await Promise.all([services.connection.flush(), siem.connection.flush()]);
  const next = `${api}.CONSUMER.MSG.NEXT.${AUDIT_STREAM}.${mine.consumer}`;
  const before = (await show(mine.id)).delivery?.deliveredNumber ?? 0;
  for (const [, subject] of traps) connection.publish(next, JSON.stringify({ batch: 1, no_wait: true }), { reply: subject });
  expect(await receive(connection, mine.consumer, 1)).toHaveLength(1); // it is answered, and so were those before it
  expect((await show(mine.id)).delivery?.deliveredNumber).toBeGreaterThan(before);
  await Promise.all([services.connection.flush(), siem.connection.flush()]);
  expect(received).toEqual([]);
  expect((await receive(their.connection, other.consumer, 5)).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
});

it('continues with new credentials where it was, and the old ones receive nothing more', async () => {
  const reader = await create('rotated', { fromNumber: 1 });
  const old = await join(reader);
  expect((await receive(old.connection, reader.consumer, 3)).map(({ number }) => number)).toEqual([1, 2, 3]);
  const { id, version } = reader;
  const rotated = await unwrap(
    scene.system.admin.POST('/api/v1/siem-readers/{id}/rotate', { params: { path: { id } }, body: { version } }),
  );
  expect(rotated.consumer).not.toBe(reader.consumer);
  await expect(receive(old.connection, reader.consumer)).rejects.toThrow();
  const next = `$JS.API.CONSUMER.MSG.NEXT.${AUDIT_STREAM}.${reader.consumer}`;
  await expect(old.connection.request(next, '')).rejects.toThrow(/no responders/);
  const file = path.join(admin.configHome, 'old.creds');
  writeFileSync(file, reader.credentials);
  const documented = runReader(scene.system.handle.home, reader, file, path.join(admin.configHome, 'old.ndjson'));
  cleanUps.push(() => documented.kill('SIGKILL'));
  const said = text(documented.stderr);
  expect(await once(documented, 'exit')).toEqual([1, null]);
  expect(await said).toMatch(/^there is no consumer siem_\w+: the reader was rotated or deleted .*\n$/);
  const { connection } = await join(rotated);
  expect((await receive(connection, rotated.consumer, 2)).map(({ number }) => number)).toEqual([4, 5]);

  const replayed = await unwrap(
    scene.system.admin.POST('/api/v1/siem-readers/{id}/replay', {
      params: { path: { id } },
      body: { version: rotated.version, fromNumber: 2 },
    }),
  );
  expect(replayed).toMatchObject({ consumer: rotated.consumer, fromNumber: 2, fromTime: null });
  expect((await receive(connection, rotated.consumer, 2)).map(({ number }) => number)).toEqual([2, 3]);
  const activities = await unwrap(scene.system.admin.GET('/api/v1/activities', { params: { query: { object: 'rotated' } } }));
  expect(activities.items.map(({ verb }) => verb)).toEqual(['replayed', 'rotated', 'created']);
}, 90_000);

it('is changed while the audit service is away, which makes up for it', async () => {
  const audit = scene.installation.service('audit');
  const gone = await create('gone');
  audit.kill('SIGKILL');
  await audit.ended();
  const made = await create('made meanwhile', { fromNumber: 1 });
  expect(made.delivery).toBeNull();
  await unwrap(
    scene.system.admin.DELETE('/api/v1/siem-readers/{id}', {
      params: { path: { id: gone.id }, query: { version: gone.version } },
    }),
  );
  expect(await consumers()).toContain(gone.consumer);
  await audit.start();
  await expect.poll(consumers, { timeout: 20_000 }).toContain(made.consumer);
  await expect.poll(consumers, { timeout: 20_000 }).not.toContain(gone.consumer);
  const { connection } = await join(made);
  expect((await receive(connection, made.consumer, 1)).map(({ number }) => number)).toEqual([1]);
});

it('receives every event at least once, and each id under one number, while the audit service, NATS and the reader itself are killed', async () => {
  const { system, installation, user, resource } = scene;
  const file = path.join(admin.configHome, 'siem.creds');
  const made = JSON.parse(
    await admin.mustRun('admin', 'siem', 'create', 'killed', '--from', '1', '--out', file, '--json'),
  ) as Credentials;
  expect(made.credentials).toBeNull();
  const out = path.join(admin.configHome, 'events.ndjson');
  const startReader = () => {
    const started = runReader(scene.system.handle.home, made, file, out);
    cleanUps.push(() => started.kill('SIGKILL'));
    return started;
  };
  let child = startReader();
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  const sessions = (count: number) => shortSessions(port, count);
  const received = () => expect.poll(() => eventsIn(out).length, { timeout: 30_000 });

  await sessions(20);
  await received().toBeGreaterThan(20);
  child.kill('SIGKILL'); // what it has not acknowledged is delivered again after half a minute
  await once(child, 'exit');
  await sessions(20);
  child = startReader();
  const audit = installation.service('audit');
  audit.kill('SIGKILL');
  await audit.ended();
  await sessions(20);
  await audit.start();
  await installation.nats?.stop();
  await sessions(5);
  await startNatsAgain(installation);
  await sessions(20);
  await system.recordsWhen(
    server.id,
    (records) => records.length === 85 && records.every(({ state }) => state === 'final'),
    60_000,
  );

  const { delivery } = await show(made.id);
  await expect
    .poll(async () => (await show(made.id)).delivery, { timeout: 60_000 })
    .toMatchObject({ waiting: 0, unacknowledged: 0 });
  const events = new Map<number, Set<string>>();
  for (const { number, event } of eventsIn<{ id: string }>(out))
    events.set(number, (events.get(number) ?? new Set()).add(event.id));
  const last = Math.max(...events.keys());
  expect(last).toBeGreaterThanOrEqual(delivery?.deliveredNumber ?? Infinity);
  expect([...events.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: last }, (_, index) => index + 1)); // none is missing
  const ids = [...events.values()].flatMap((set) => [...set]);
  expect([ids.length, new Set(ids).size]).toEqual([last, last]); // each id once, under one number
  child.kill('SIGKILL');
  await once(child, 'exit');
}, 180_000);
