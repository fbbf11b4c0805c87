import { once } from 'node:events';
import path from 'node:path';
import type { OcsfEvent } from '@sluice/contracts';
import { type Schemas, unwrap } from '@sluice/sdk';
import { checkOcsfEvent, type TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shortSessions } from './carried.js';
import { Scene } from './scene.js';
import { eventsIn, runReader } from './siem-reader.js';
import { startNatsAgain } from './start-nats-again.js';

type Credentials = Schemas['SiemCredentials'];
type Event = OcsfEvent & Record<string, unknown>;

/** Room for less than a hundred events. */
const SMALL = 150_000;

let scene: Scene;
let admin: TestUser;
const cleanUps: (() => unknown)[] = [];

beforeAll(async () => {
  scene = await Scene.start({ restart: false, env: { audit: { SLUICE_AUDIT_OCSF_BYTES: String(SMALL) } } });
  admin = await scene.system.addUser('administrator');
}, 60_000);
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  await admin.leave();
  await scene.end();
});

const fileOf = (name: string) => path.join(admin.configHome, name);
const create = async (name: string, ...more: string[]): Promise<Credentials> =>
  JSON.parse(
    await admin.mustRun('admin', 'siem', 'create', name, '--from', '1', '--out', fileOf(`${name}.creds`), '--json', ...more),
  ) as Credentials;
const show = (id: string) => unwrap(scene.system.admin.GET('/api/v1/siem-readers/{id}', { params: { path: { id } } }));
const delivery = () => unwrap(scene.system.admin.GET('/api/v1/delivery', {}));

/** Starts the program of docs/siem.md for a reader. @returns a function that kills it */
function start(reader: Credentials): () => Promise<void> {
  const child = runReader(scene.system.handle.home, reader, fileOf(`${reader.name}.creds`), fileOf(`${reader.name}.ndjson`));
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  cleanUps.push(kill);
  return kill;
}

/** Waits until a reader has acknowledged everything that there is, and everything is converted. */
async function caughtUp({ id }: Credentials): Promise<void> {
  const nothing = { waiting: 0, unacknowledged: 0 };
  await expect.poll(() => show(id), { timeout: 90_000, interval: 500 }).toMatchObject({ delivery: nothing, conversion: nothing });
}

const readiness = async (): Promise<string> => {
  const { operationsPort } = scene.installation.service('audit').announcement;
  return (await fetch(`http://127.0.0.1:${operationsPort}/readyz`)).text();
};

it('receives every event as OCSF at least once, each id once, while the audit service, NATS and the reader are killed and its stream is full', async () => {
  const { system, installation, user, resource } = scene;
  expect((await delivery()).ocsf).toBeNull();
  const lake = await create('lake', '--format', 'ocsf');
  expect(lake).toMatchObject({ format: 'ocsf', stream: 'OCSF', subjects: ['siem.v1.ocsf.>'] });
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  const sessions = (count: number) => shortSessions(port, count);
  const recorded = (count: number) =>
    system.recordsWhen(
      server.id,
      (records) => records.length === count && records.every(({ state }) => state === 'final'),
      60_000,
    );

  await sessions(60); // more events than there is room for, and nobody has received one
  await recorded(60);
  await expect.poll(readiness, { timeout: 30_000 }).toContain('OCSF events wait: JetStream: maximum bytes exceeded');
  const { waiting = 0, unacknowledged = 0 } = (await show(lake.id)).conversion ?? {};
  expect(waiting + unacknowledged).toBeGreaterThan(0); // those that the converter holds are none that wait for it
  expect((await delivery()).readers.map(({ kind, name, stream }) => [kind, name, stream])).toEqual([
    ['records', 'records', 'AUDIT'],
    ['ocsf', 'ocsf', 'AUDIT'],
    ['siem', 'lake', 'OCSF'],
  ]);

  const kill = start(lake);
  await caughtUp(lake);
  expect(await readiness()).not.toContain('OCSF');
  await kill();
  await sessions(10);
  start(lake);
  const audit = installation.service('audit');
  audit.kill('SIGKILL');
  await audit.ended();
  await sessions(10);
  await audit.start();
  await installation.nats?.stop();
  await sessions(5);
  await startNatsAgain(installation);
  await sessions(10);
  await recorded(95);
  await caughtUp(lake);

  const received = eventsIn<Event>(fileOf('lake.ndjson'));
  const { stream } = await delivery();
  for (const { subject, event } of received) {
    expect([subject, checkOcsfEvent(event)]).toEqual([subject, []]);
    expect(subject).not.toMatch(/\.(other|malformed)$/);
  }
  const numbers = new Map(received.map(({ event }) => [event.metadata.sequence, event.metadata.uid]));
  const last = Math.max(...numbers.keys());
  expect(last).toBeGreaterThan(stream.lastNumber - 20); // heads are published meanwhile
  expect([...numbers.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: last }, (_, index) => index + 1)); // none is missing
  expect(new Set(numbers.values()).size).toBe(last); // each id once, under one number
  const own = [...new Set(received.map(({ number }) => number))].sort((a, b) => a - b);
  expect(own).toEqual(Array.from({ length: own.length }, (_, index) => index + 1)); // the numbers of its own stream
  expect(received.map(({ subject }) => subject)).toContain('siem.v1.ocsf.base_event.heartbeat');
  const opened = received.filter(({ subject }) => subject === 'siem.v1.ocsf.network_activity.open');
  const ids = new Set(opened.map(({ event }) => (event['connection_info'] as { uid: string }).uid));
  expect(ids.size).toBe(95);
}, 240_000);

it('has its stream only while there is a reader of it', async () => {
  const [lake] = (await unwrap(scene.system.admin.GET('/api/v1/siem-readers', { params: { query: { name: 'lake' } } }))).items;
  const chosen = await create('findings', '--format', 'ocsf', '--subjects', 'siem.v1.ocsf.authentication.*');
  expect((await delivery()).ocsf?.limitBytes).toBe(SMALL);
  for (const { id, version } of [lake, chosen].flatMap((reader) => reader ?? []))
    await unwrap(scene.system.admin.DELETE('/api/v1/siem-readers/{id}', { params: { path: { id }, query: { version } } }));
  const left = await delivery();
  expect([left.ocsf, left.readers.map(({ name }) => name)]).toEqual([null, ['records']]);

  const again = await create('again', '--format', 'ocsf', '--subjects', 'siem.v1.ocsf.authentication.*');
  start(again);
  await expect
    .poll(() => eventsIn<Event>(fileOf('again.ndjson')).map(({ subject }) => subject), { timeout: 30_000 })
    .toContain('siem.v1.ocsf.authentication.logon');
  await caughtUp(again); // what it did not choose keeps no room
});
