import type { Socket } from 'node:net';
import path from 'node:path';
import type { Installation } from '@sluice/embedded';
import { unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carried } from './carried.js';
import type { Resource } from './resource.js';
import { Scene } from './scene.js';

let scene: Scene;
let installation: Installation;
let system: TestSystem;
let user: TestUser;
let resource: Resource;

beforeAll(async () => {
  scene = await Scene.start({ env: { relay: { SLUICE_DRAIN_SECONDS: '6' } } });
  ({ installation, system, user, resource } = scene);
});
afterAll(() => scene.end());

const open = (port: number): Promise<Socket | undefined> => carried(port).catch(() => undefined);

it('drains a relay without a failed connect; running sessions end by themselves, or as drained at the deadline', async () => {
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  const { token } = await unwrap(system.admin.POST('/api/v1/nodes/tokens', { body: { name: 'relay-2' } }));
  const second = await installation.addRelay('relay-2', {
    SLUICE_ENROLMENT_TOKEN: token,
    SLUICE_RELAY_HOME: path.join(installation.options.home, 'relays', 'relay-2'),
  });
  const nodes = async () => (await unwrap(system.admin.GET('/api/v1/nodes'))).items;
  const online = async () => (await nodes()).filter((node) => node.kind === 'relay' && node.state === 'online').length;
  await expect.poll(online, { timeout: 30_000 }).toBe(2);

  // sessions on both relays, some of which will be held past the deadline
  const held: Socket[] = [];
  const carryOneMore = async () => {
    const socket = await open(port);
    if (socket) held.push(socket);
    const live = (await system.records(server.id)).filter((record) => record.state === 'live');
    return new Set(live.map((record) => record.relay?.id)).size;
  };
  await expect.poll(carryOneMore, { timeout: 60_000 }).toBe(2);
  let [opened, failed] = [0, 0];
  const timer = setInterval(() => {
    void open(port).then((socket) => {
      if (socket) opened++;
      else failed++;
      setTimeout(() => socket?.end(), 500); // short sessions, which end well before the deadline
    });
  }, 50);
  const manyMore = () => expect.poll(() => opened, { timeout: 30_000 }).toBeGreaterThan(opened + 20);
  await manyMore();
  const stopping = performance.now();
  await second.stop(30_000);
  const tookMs = performance.now() - stopping;
  await manyMore();
  clearInterval(timer);
  console.log(`${opened} connects while a relay was drained in ${Math.round(tookMs)} ms, ${failed} failed`);
  expect(failed).toBe(0);
  expect(tookMs).toBeGreaterThan(5000);

  const drained = (await system.recordsWhen(server.id, (found) => found.some((record) => record.endReason === 'drained'))).filter(
    (record) => record.endReason === 'drained',
  );
  expect(drained.length).toBeGreaterThan(0);
  for (const record of drained) expect(record).toMatchObject({ outcome: 'completed', relay: { name: 'relay-2' } });
  for (const socket of held) socket.destroy();
  const records = await system.recordsWhen(server.id, (found) => found.every((record) => record.state === 'final'));
  const ends = new Set(
    records
      .filter((record) => record.relay?.name === 'relay-2' && record.outcome === 'completed')
      .map((record) => record.endReason),
  );
  expect(ends).toEqual(new Set(['drained', 'client closed']));
}, 120_000);
