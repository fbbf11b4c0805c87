import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { AUDIT_STREAM, bucketStream, policyBucket } from '@sluice/contracts';
import type { Schemas } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carried, SteadyLoad } from './carried.js';
import { joinBus } from './join-bus.js';
import { NatsCluster } from './nats-cluster.js';
import { Scene } from './scene.js';

/** How long each server is away. */
const AWAY_MS = 8000;

const STREAMS = [
  ['audit', AUDIT_STREAM],
  ['registry', bucketStream(policyBucket('default'))],
] as const;

let cluster: NatsCluster | undefined;
let scene: Scene;
let server: Schemas['Server'];
let port: number;

beforeAll(async () => {
  const replicas = { SLUICE_BUS_REPLICAS: '3' };
  scene = await Scene.start({
    env: { registry: replicas, audit: replicas, health: replicas },
    nats: async (trust) => (cluster = await NatsCluster.start(trust)),
  });
  server = await scene.system.addServer(scene.resource.port);
  await scene.system.grant([scene.user], [server]);
  port = await scene.user.connect(server.name);
}, 180_000);
afterAll(() => scene.end());

/** Each stream with the service that may look at it: how many servers keep it, and whether all of them are up to date. */
async function streams(): Promise<[string, number, boolean][]> {
  const all: [string, number, boolean][] = [];
  for (const [service, name] of STREAMS) {
    const { connection } = await joinBus(scene.system.handle.home, service);
    try {
      const manager = await jetstreamManager(connection, { checkAPI: false });
      const { config, cluster: state } = await manager.streams.info(name);
      all.push([name, config.num_replicas, state?.replicas?.every(({ current }) => current) === true]);
    } finally {
      await connection.close();
    }
  }
  return all;
}

it('keeps facts and policy at three servers, each of which may be killed: no connect fails, no record is missing', async () => {
  await expect.poll(streams, { timeout: 30_000 }).toEqual(STREAMS.map(([, name]) => [name, 3, true]));
  const live = await carried(port);
  const load = new SteadyLoad(port);
  const figures: string[] = [];
  for (const name of cluster?.names ?? []) {
    const before = load.opened;
    await cluster?.kill(name);
    // the API responds again as soon as the services have reached another server
    const add = async () =>
      (await scene.system.admin.POST('/api/v1/roles', { body: { name: `role-without-${name}` } })).response.status;
    await expect.poll(add, { timeout: 20_000, interval: 500 }).toBe(201);
    await sleep(AWAY_MS);
    const whileAway = load.opened - before;
    await cluster?.restart(name);
    figures.push(`${name}: ${whileAway} connections while it was away`);
    expect(whileAway).toBeGreaterThan(AWAY_MS / 200);
  }
  await load.stop();
  live.end();
  const records = await scene.system.recordsWhen(
    server.id,
    (all) => all.filter(({ state, outcome }) => state === 'final' && outcome === 'completed').length >= load.opened + 1,
    60_000,
  );
  console.log(`${figures.join('; ')}; ${load.opened} opened, ${load.failed} failed`);
  expect(load.failed).toBe(0);
  expect(records.filter(({ outcome }) => outcome === 'completed')).toHaveLength(load.opened + 1);
  for (const { bytesUp, bytesDown, exactness } of records) expect([bytesUp, bytesDown, exactness]).toEqual([5, 5, 'exact']);
  await expect.poll(async () => (await streams()).every(([, , current]) => current), { timeout: 30_000 }).toBe(true);
});

it('ends the sessions of an account that is suspended while a server is away', async () => {
  await cluster?.kill('nats-2');
  const socket = await carried(port);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined); // it is reset
  const suspend = async () =>
    (
      await scene.system.admin.POST('/api/v1/users/{id}/suspend', {
        params: { path: { id: scene.user.id } },
        body: { version: 1 },
      })
    ).response.status;
  await expect.poll(suspend, { timeout: 20_000, interval: 500 }).toBe(200);
  const begun = performance.now();
  await closed; // at the latest when the other two have a leader of the bucket
  console.log(`suspended to closed: ${Math.round(performance.now() - begun)} ms`);
  await cluster?.restart('nats-2');
}, 60_000);
