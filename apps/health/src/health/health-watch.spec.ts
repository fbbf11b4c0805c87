import { randomUUID } from 'node:crypto';
import {
  ALL_FACTS,
  AUDIT_STREAM,
  HEALTH_BUCKET,
  HEALTH_POLICY_BUCKET,
  healthFactSubject,
  healthKey,
  OBJECTS_CHANGED,
  ObjectsChanged,
  type PolicyValue,
  ServerHealth,
} from '@sluice/contracts';
import { type ServerChecks, UNCHECKED } from '@sluice/domain';
import { type Bus, makeBucket, readKey } from '@sluice/messaging';
import { createLog } from '@sluice/process';
import { TestStores } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { HealthWatch } from './health-watch.js';

const WITHIN = { timeout: 10_000, interval: 20 };
const MINUTE = 60_000;
const log = createLog('health', 'silent');

let stores: TestStores;
let health: Bus;
let registry: Bus;
let watch: HealthWatch | undefined;
beforeAll(async () => {
  stores = await TestStores.start({ postgres: false });
  [health, registry] = await Promise.all([stores.join('health'), stores.join('registry')]);
}, 60_000);
afterEach(() => watch?.beforeApplicationShutdown());
afterAll(async () => {
  await Promise.all([health.close(), registry.close()]);
  await stores.stop();
});

let revision = 0;
/** Publishes a server as the registry does. */
async function publish(id: string, hostname: string): Promise<void> {
  const server = { id, name: 'db', cluster: 'default', hostname, port: 5432, tags: {}, settings: {}, proxyProtocol: false };
  const at = new Date().toISOString();
  const value: PolicyValue = { revision: ++revision, changedAt: at, entry: { kind: 'resource', value: server } };
  await (await makeBucket(registry, HEALTH_POLICY_BUCKET)).put(`resource.${id}`, JSON.stringify(value));
}

/** Stores what a copy of this service knew of the server at `db`. */
async function store(id: string, shown: ServerHealth, checks: Partial<ServerChecks>, more: object = {}): Promise<void> {
  const entry = { ...more, endpoint: 'default db 5432', checks: { ...UNCHECKED, ...checks }, names: { relay: 'relay-1' } };
  await (await makeBucket(health, HEALTH_BUCKET)).put(healthKey(id), JSON.stringify({ ...shown, entry }));
}

const stored = async (id: string) => (await readKey(health, HEALTH_BUCKET, healthKey(id)))?.value;
const healthy: ServerHealth = { state: 'healthy', nodes: [{ nodeId: 'relay', nodeName: 'relay-1', state: 'healthy' }] };
const nodes: ServerChecks['nodes'] = { relay: { state: 'healthy', failuresInARow: 0 } };

async function start(): Promise<void> {
  watch = new HealthWatch(health, log);
  await watch.onApplicationBootstrap();
}

it('announces that a server is stable again once its changes are older than ten minutes', async () => {
  const [id, now] = [randomUUID(), Date.now()];
  const hints: string[] = [];
  const listener = await stores.join('gateway');
  listener.subscribe(OBJECTS_CHANGED, ObjectsChanged, ({ objects }) => hints.push(...objects.flatMap(({ ids }) => ids)));
  const changes = [11, 10.5, 1].map((minutes) => now - minutes * MINUTE);
  await store(id, { ...healthy, flapping: changes.map((at) => new Date(at).toISOString()) }, { nodes, changes, timedFrom: now });
  await publish(id, 'db');
  await start();
  await expect.poll(async () => ServerHealth.parse(await stored(id)), WITHIN).toEqual(healthy);
  await expect.poll(() => hints, WITHIN).toEqual([id]);
  await listener.close();
});

it('starts again with a server that was moved, and keeps its budget', async () => {
  const [id, now] = [randomUUID(), Date.now()];
  await store(id, healthy, { nodes, timedFrom: now, askedAt: now });
  await publish(id, 'db');
  await start();
  await publish(id, 'elsewhere');
  await expect
    .poll(() => stored(id), WITHIN)
    .toMatchObject({
      state: 'unhealthy',
      nodes: [],
      entry: { endpoint: 'default elsewhere 5432', checks: { nodes: {}, askedAt: now } },
    });
});

it('publishes the change that a copy had noted before it was killed', async () => {
  const [id, now] = [randomUUID(), Date.now()];
  const audit = await stores.join('audit');
  await audit.manager.streams.add({ name: AUDIT_STREAM, subjects: [ALL_FACTS] });
  const at = new Date(now - MINUTE).toISOString();
  const pending = { resourceId: id, state: 'healthy', why: null, at, heldBy: randomUUID() };
  await store(id, healthy, { nodes, timedFrom: now }, { pending });
  await publish(id, 'db');
  await start();
  await expect
    .poll(async () => ((await stored(id)) as { entry: object }).entry, { timeout: 20_000 })
    .not.toHaveProperty('pending');
  const { state } = await audit.manager.streams.info(AUDIT_STREAM, { subjects_filter: '>' });
  expect(state.subjects).toMatchObject({ [healthFactSubject(id)]: 1 });
  await audit.close();
}, 30_000);
