import type { Socket } from 'node:net';
import { freePort, type Installation, type ServiceProcess } from '@sluice/embedded';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { canMakeNamespaces, Forwarder, Namespace } from './namespace.js';
import { carried } from './carried.js';
import type { Resource } from './resource.js';
import { Scene } from './scene.js';

/** Three relays that are alike, and where namespaces can be made a fourth from which the resource is not to be seen. */
const tag = `d${process.pid.toString(36)}`;
const GATEWAY = '10.205.1.1';

let scene: Scene;
let installation: Installation;
let system: TestSystem;
let user: TestUser;
let resource: Resource;
let port: number;
let server: Schemas['Server'];
let island: Namespace | undefined;
let forwarder: Forwarder | undefined;
const relays: Record<string, ServiceProcess> = {};

beforeAll(async () => {
  const tunnelPort = await freePort();
  const islandTunnel = { SLUICE_TUNNEL_ADDRESS: `0.0.0.0:${tunnelPort}`, SLUICE_TUNNEL_ADVERTISED: `${GATEWAY}:${tunnelPort}` };
  if (canMakeNamespaces) makeIsland();
  scene = await Scene.start({ env: canMakeNamespaces ? { gateway: islandTunnel } : {} });
  ({ installation, system, user, resource } = scene);
  server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  for (const name of ['relay-2', 'relay-3']) await addRelay(name);
  port = await user.connect(server.name);
});
afterAll(async () => {
  await scene.end();
  forwarder?.close();
  island?.remove();
});

function makeIsland(): void {
  island = new Namespace(`${tag}i`);
  island.join(`${GATEWAY}/24`, '10.205.1.2/24');
}

async function addRelay(name: string, within?: readonly string[]): Promise<void> {
  const { token } = await unwrap(system.admin.POST('/api/v1/nodes/tokens', { body: { name } }));
  relays[name] = await installation.addRelay(name, { SLUICE_ENROLMENT_TOKEN: token }, within);
  await vi.waitFor(
    async () => expect((await nodes()).find((node) => node.name === name)).toMatchObject({ state: 'online' }),
    20_000,
  );
}

const nodes = async (): Promise<Schemas['Node'][]> => (await unwrap(system.admin.GET('/api/v1/nodes'))).items;

const open = (): Promise<Socket> => carried(port);

/** Sessions by relay, of those that began after a moment. */
async function byRelay(since: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const record of await system.records(server.id)) {
    if (record.startedAt < since || record.outcome === 'failed' || !record.relay) continue;
    counts[record.relay.name] = (counts[record.relay.name] ?? 0) + 1;
  }
  return counts;
}

it('spreads 500 sessions over three equal relays within 20 %', async () => {
  const since = new Date().toISOString();
  const held: Socket[] = [];
  for (let round = 0; round < 25; round++) held.push(...(await Promise.all(Array.from({ length: 20 }, open))));
  await expect.poll(async () => Object.values(await byRelay(since)).reduce((a, b) => a + b, 0), { timeout: 20_000 }).toBe(500);
  const counts = await byRelay(since);
  for (const socket of held) socket.destroy();
  console.log(`500 sessions over three relays: ${JSON.stringify(counts)}`);
  for (const count of Object.values(counts)) expect(Math.abs(count - 500 / 3)).toBeLessThanOrEqual((500 / 3) * 0.2);
  expect(Object.keys(counts)).toHaveLength(3);
});

it('gives fewer sessions to a relay that is ten times slower', async () => {
  const since = new Date().toISOString();
  const slow = relays['relay-2'] as ServiceProcess;
  let stop: NodeJS.Timeout | undefined;
  const timer = setInterval(() => {
    slow.kill('SIGCONT');
    stop = setTimeout(() => slow.kill('SIGSTOP'), 10); // it runs for a tenth of the time
  }, 100);
  try {
    const until = Date.now() + 15_000;
    const work = async () => {
      while (Date.now() < until) (await open()).destroy();
    };
    await Promise.all(Array.from({ length: 30 }, work));
  } finally {
    clearInterval(timer);
    clearTimeout(stop);
    slow.kill('SIGCONT');
  }
  const counts = await byRelay(since);
  console.log(`sessions while relay-2 ran for a tenth of the time: ${JSON.stringify(counts)}`);
  const others = Object.entries(counts).filter(([name]) => name !== 'relay-2');
  for (const [, count] of others) expect(counts['relay-2'] ?? 0).toBeLessThan(count);
  expect(others).toHaveLength(2);
});

it.skipIf(!canMakeNamespaces)('excludes a relay that does not reach a resource which others reach, and shows it', async () => {
  const api = Number(new URL(installation.url).port);
  forwarder = await Forwarder.open(GATEWAY, api);
  await island?.bring(api, forwarder);
  await addRelay('island', island?.prefix);
  const islandId = (await nodes()).find((node) => node.name === 'island')?.id as string;
  const failed = async () =>
    (await system.records(server.id)).filter((record) => record.relay?.id === islandId && record.outcome === 'failed').length;
  const sockets: Socket[] = [];
  await expect
    .poll(
      async () => {
        sockets.push(...(await Promise.all(Array.from({ length: 20 }, open)))); // each is carried, whichever relay is asked first
        return failed();
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThan(0);
  await new Promise((resolve) => setImmediate(resolve));
  const before = await failed();
  for (let i = 0; i < 5; i++) sockets.push(...(await Promise.all(Array.from({ length: 20 }, open))));
  expect((await failed()) - before).toBeLessThanOrEqual(20); // those that were in progress when it was detected
  for (const socket of sockets) socket.destroy();
  const health = await unwrap(system.admin.POST('/api/v1/servers/{id}/check', { params: { path: { id: server.id } } }));
  expect(health.state).toBe('healthy');
  expect(health.nodes.find((node) => node.nodeId === islandId)).toMatchObject({ state: 'unhealthy' });
  expect(health.nodes.filter((node) => node.state === 'healthy')).toHaveLength(3);
});
