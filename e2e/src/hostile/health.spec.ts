import { jetstreamManager } from '@nats-io/jetstream';
import { HEALTH_BUCKET, healthKey, relayPresence } from '@sluice/contracts';
import { type Schemas, unwrap } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type BusUser, joinBus } from '../join-bus.js';
import { metric } from '../metric.js';
import { Scene } from '../scene.js';

let scene: Scene;
/** The bus user of the installation's relay, taken over by somebody else. */
let taken: BusUser;
beforeAll(async () => {
  scene = await Scene.start();
  taken = await joinBus(scene.system.handle.home, 'relay');
});
afterAll(async () => {
  await taken.connection.close();
  await scene.end();
});

const healthOf = async (server: Schemas['Server']) =>
  (await unwrap(scene.system.admin.GET('/api/v1/servers/{id}', { params: { path: { id: server.id } } }))).health;
const say = (subject: string, body: unknown) => taken.connection.publish(subject, JSON.stringify(body));
const sayOpened = (server: Schemas['Server']) => say(`audit.v1.session.opened.default.${taken.name}.${server.id}`, {});
const sayFailed = (subject: string, resourceId: string, relayId: string, message: string) =>
  say(`audit.v1.session.failed.default.${taken.name}.${subject}`, {
    data: { endReason: 'connect refused', message, resource: { id: resourceId }, relay: { id: relayId } },
  });

it('believes a relay only for itself: neither about servers of another cluster, nor in the name of another relay', async () => {
  const { system, resource } = scene;
  await unwrap(system.admin.POST('/api/v1/clusters', { body: { name: 'far away' } }));
  const far = await system.addServer(resource.port, { proxyCluster: 'far away' });
  const near = await system.addServer(resource.port);
  const own = await system.addServer(resource.port);
  const healthy = { state: 'healthy', nodes: [{ nodeId: taken.name, state: 'healthy' }] };
  for (const server of [near, own]) await vi.waitFor(async () => expect(await healthOf(server)).toMatchObject(healthy), 15_000);

  const other = '00000000-0000-4000-8000-000000000000';
  say(relayPresence('default', taken.name), {
    nodeId: other,
    kind: 'relay',
    cluster: 'far away',
    name: 'relay\u001b[2J',
    sessions: 0,
    draining: false,
    address: null,
  });
  sayOpened(far);
  for (let i = 0; i < 2; i++) sayFailed(own.id, near.id, other, 'a lie about another server');
  // messages are handled in order: when this one is there, all earlier ones have been handled
  for (let i = 0; i < 2; i++) sayFailed(own.id, own.id, taken.name, 'seen\u001b[2J');
  await vi.waitFor(async () => {
    const { nodes } = await healthOf(own);
    expect(nodes).toMatchObject([{ nodeId: taken.name, nodeName: 'relay[2J', lastError: 'refused (seen[2J)' }]);
  }, 5000);
  expect(await healthOf(far)).toEqual({ state: 'unhealthy', nodes: [] });
  expect(await healthOf(near)).toMatchObject(healthy);
  expect((await healthOf(near)).nodes).toHaveLength(1);
});

/** Ids of the servers that stand in the bucket, gone ones too. */
async function idsInBucket(): Promise<string[]> {
  const { connection } = await joinBus(scene.system.handle.home, 'health');
  try {
    const stream = `KV_${HEALTH_BUCKET}`;
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const { state } = await manager.streams.info(stream, { subjects_filter: '>' });
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(`$KV.${HEALTH_BUCKET}.${healthKey('')}`.length));
  } finally {
    await connection.close();
  }
}

/** Servers of which the health service keeps something, and the registry. */
async function kept(): Promise<number[]> {
  const ofHealth = ['policy', 'results'].map((kept) =>
    metric(scene.installation, 'health', 'sluice_health_servers', `kept="${kept}"`),
  );
  return Promise.all([...ofHealth, metric(scene.installation, 'registry', 'sluice_registry_health_entries')]);
}

async function addServers(number: number): Promise<Schemas['Server'][]> {
  const servers: Schemas['Server'][] = [];
  for (let i = 0; i < number; i++) servers.push(await scene.system.addServer(scene.resource.port, { portOverride: nextPort++ }));
  return servers;
}
let nextPort = 40_000;

async function remove({ id, version }: Schemas['Server']): Promise<void> {
  await unwrap(scene.system.admin.DELETE('/api/v1/servers/{id}', { params: { path: { id }, query: { version } } }));
}

it('keeps nothing of servers that are deleted, neither in the bucket nor in memory, also of those deleted while it is away', async () => {
  const { installation, system } = scene;
  const { items } = await unwrap(system.admin.GET('/api/v1/servers', { params: { query: {} } }));
  for (const server of items) await remove(server);
  await expect.poll(kept, { timeout: 15_000 }).toEqual([0, 0, 0]);
  const servers = await addServers(220);
  for (const { id } of servers) await unwrap(system.admin.POST('/api/v1/servers/{id}/check', { params: { path: { id } } }));
  await expect.poll(kept, { timeout: 15_000 }).toEqual([220, 220, 220]);
  expect(new Set(await idsInBucket())).toEqual(new Set(servers.map(({ id }) => id)));
  const [early, late] = [servers.slice(0, 200), servers.slice(200)];
  for (const server of early) await remove(server);
  await expect.poll(kept, { timeout: 15_000 }).toEqual([20, 20, 20]);

  const pid = installation.service('health').pid as number;
  process.kill(pid, 'SIGSTOP');
  for (const server of late) await remove(server);
  process.kill(pid, 'SIGKILL'); // it is restarted, and has received nothing about them
  await expect.poll(idsInBucket, { timeout: 30_000 }).toEqual([]);
  await expect.poll(() => kept().catch(() => undefined), { timeout: 15_000 }).toEqual([0, 0, 0]);
});
