import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { type Schemas, unwrap } from '@sluice/sdk';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { carried } from '../carried.js';
import { Resource } from '../resource.js';
import { Scene } from '../scene.js';
import { startNatsAgain } from '../start-nats-again.js';

/** Exit status of a relay whose journal has failed. */
const JOURNAL_FAILED_STATUS = 74;
/** Exit status of a relay that was deleted. */
const DELETED_STATUS = 77;

let scene: Scene;
let server: Schemas['Server'];
let port: number;

beforeAll(async () => {
  scene = await Scene.start({ restart: false });
});
afterAll(() => scene.end());
beforeEach(async () => {
  const { system, user, resource } = scene;
  server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  port = await user.connect(server.name);
});

/** Carries bytes through a session of its own, and ends it. */
async function oneSession(): Promise<void> {
  const socket = await carried(port);
  socket.end();
  await once(socket, 'close');
}

/** How a connection ends that nobody ends here. */
const endOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let code = 'an end in order';
    socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code ?? ''));
    socket.once('close', () => resolve(code));
  });

it('ends sessions and exits with 74 when its disk is full; every connection is recorded, with what was durable', async () => {
  const { installation, system } = scene;
  const relay = installation.service('relay');
  for (let i = 0; i < 10; i++) await oneSession(); // the journal is longer than the log then, which is not to fail first
  const live = await carried(port);
  live.write(Buffer.alloc(100_000));
  // its bytes so far are durable once they are published
  const checkpointed = await system.recordsWhen(
    server.id,
    (found) => found.some(({ state, bytesUp }) => state === 'live' && bytesUp === 100_005),
    20_000,
  );
  const reset = endOf(live);
  const journal = path.join(installation.options.home, 'relays', 'relay', 'journal');
  const segment = path.join(journal, readdirSync(journal).sort().at(-1) as string);
  // a write that goes beyond this fails, as on a full disk; ten bytes of the next line are still taken
  execFileSync('prlimit', ['--pid', String(relay.pid), `--fsize=${statSync(segment).size + 10}`]);
  const unanswered = expect(carried(port)).rejects.toThrow('refused: ECONNRESET'); // its `opened` is what cannot be written
  expect([await reset, await relay.ended()]).toEqual(['ECONNRESET', JOURNAL_FAILED_STATUS]);
  await unanswered;

  await relay.start();
  (await carriedSoon()).destroy();
  const records = await system.recordsWhen(
    server.id,
    (found) => found.length === 13 && found.every(({ state }) => state === 'final'),
    20_000,
  );
  const [before] = checkpointed.filter(({ state }) => state === 'live');
  const ends = records.map(({ outcome, endReason, exactness, bytesUp }) => [outcome, endReason, exactness, bytesUp].join(' '));
  expect(ends.sort()).toEqual([
    ...Array<string>(11).fill('completed client closed exact 5'),
    'failed link lost exact 0',
    'failed relay lost at least 100005',
  ]);
  expect(records.find(({ endReason }) => endReason === 'relay lost')).toMatchObject({
    id: before?.id,
    bytesDown: before?.bytesDown,
  });
}, 120_000);

/** A connection that is carried, as soon as the restarted relay has its policy. */
async function carriedSoon(): Promise<Socket> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await carried(port);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

it('records the first failed dials of many one by one, and the rest of them as one, when it ends at the latest', async () => {
  const { installation, system, user } = scene;
  const gone = await Resource.serve(() => undefined);
  server = await system.addServer(gone.port);
  gone.close();
  await system.grant([user], [server]);
  port = await user.connect(server.name);
  for (let i = 0; i < 40; i++) await expect(carried(port)).rejects.toThrow('refused: ECONNRESET');
  const relay = installation.service('relay');
  await relay.stop(10_000);
  await relay.start();
  const dialled = (found: Schemas['AuditRecord'][]) => found.filter(({ endReason }) => endReason === 'connect refused');
  const count = (found: Schemas['AuditRecord'][]) => dialled(found).reduce((sum, { repeats }) => sum + repeats, 0);
  const records = dialled(await system.recordsWhen(server.id, (found) => count(found) === 40));
  expect(records.map(({ repeats }) => repeats).sort((a, b) => a - b)).toEqual([...Array<number>(10).fill(1), 30]);
}, 60_000);

it('publishes every fact again that was not stored when the stream is lost with all its messages', async () => {
  const { installation, system } = scene;
  const audit = installation.service('audit');
  await audit.stop(10_000);
  for (let i = 0; i < 5; i++) await oneSession();
  const { home } = installation.options;
  await installation.nats?.stop();
  rmSync(path.join(home, 'nats', 'jetstream'), { recursive: true });
  await startNatsAgain(installation);
  await audit.start();
  const records = await system.recordsWhen(
    server.id,
    (found) => found.length === 5 && found.every(({ state }) => state === 'final'),
    90_000,
  );
  expect(records.map(({ outcome, exactness }) => [outcome, exactness])).toEqual(Array(5).fill(['completed', 'exact']));
}, 180_000);

/** Deletes a relay by its name. */
async function deleteRelay(name: string): Promise<void> {
  const { admin } = scene.system;
  const { items } = await unwrap(admin.GET('/api/v1/nodes', { params: { query: {} } }));
  const { id, version } = items.find((node) => node.name === name) as Schemas['Node'];
  await unwrap(admin.DELETE('/api/v1/nodes/{id}', { params: { path: { id }, query: { version } } }));
}

it('ends sessions and exits with 77 when it is deleted, with every session on record', async () => {
  const { installation, system } = scene;
  const relay = installation.service('relay');
  const reset = endOf(await carried(port));
  await deleteRelay(String(relay.announcement['name']));
  expect([await reset, await relay.ended()]).toEqual(['ECONNRESET', DELETED_STATUS]);
  const [record] = await system.recordsWhen(server.id, (found) => found.length === 1 && found[0]?.state === 'final');
  expect(record).toMatchObject({ endReason: 'drained', message: 'this relay was deleted', bytesUp: 5, exactness: 'at most' }); // it was cut
}, 60_000);

it('publishes what its last run left before it exits with 77, when it was deleted while it was away', async () => {
  const { installation, system, user, resource } = scene;
  const name = 'relay-deleted-later';
  const { token } = await unwrap(system.admin.POST('/api/v1/nodes/tokens', { body: { name } }));
  const relay = await installation.addRelay(name, { SLUICE_ENROLMENT_TOKEN: token });
  server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  port = await user.connect(server.name);
  await carriedSoon();
  relay.kill('SIGKILL');
  await relay.ended();
  await deleteRelay(name);
  await relay.start().catch(() => undefined); // it may have ended before it could say that it has started
  expect(await relay.ended()).toBe(DELETED_STATUS);
  const [record] = await system.recordsWhen(server.id, (found) => found.some(({ endReason }) => endReason === 'relay lost'));
  expect(record).toMatchObject({ state: 'final', exactness: 'at least' });
  expect(readFileSync(path.join(installation.options.home, 'logs', `${name}.log`), 'utf8')).toContain('this relay was deleted');
}, 90_000);
