import type { Socket } from 'node:net';
import type { Installation, ServiceProcess } from '@sluice/embedded';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carried } from './carried.js';
import { metric } from './metric.js';
import type { Resource } from './resource.js';
import { Scene } from './scene.js';

type AuditRecord = Schemas['AuditRecord'];

/** How long a relay crashes again and again, in milliseconds. */
const CRASHING_MS = Number(process.env['SLUICE_TEST_CRASHING_SECONDS'] ?? 10) * 1000;

let scene: Scene;
let installation: Installation;
let system: TestSystem;
let user: TestUser;
let admin: TestUser;
let resource: Resource;
let server: Schemas['Server'];
let port: number;
let key: string;

beforeAll(async () => {
  scene = await Scene.start();
  ({ installation, system, user, resource } = scene);
  admin = await system.addUser('administrator');
  server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  port = await user.connect(server.name);
  ({ key } = await unwrap(system.admin.POST('/api/v1/cluster-keys', { body: { proxyCluster: 'default' } })));
});
afterAll(async () => {
  await admin.leave();
  await scene.end();
});

/** Starts a worker of the default cluster: it needs the key and nothing else. */
const worker = (name: string): Promise<ServiceProcess> =>
  installation.addRelay(name, { SLUICE_ENROLMENT_TOKEN: key, SLUICE_RELAY_NAME: name });

const nodes = async (gone = false): Promise<Schemas['Node'][]> =>
  (await unwrap(system.admin.GET('/api/v1/nodes', { params: { query: { gone } } }))).items;
const relaysOnline = async () => (await nodes()).filter(({ kind, state }) => kind === 'relay' && state === 'online').length;

/** Twenty connects a second, each held for a moment, until stopped, and more when asked. @returns how many there were, and what failed */
function load(holdMs: number): { more: (count: number) => void; stop: () => Promise<{ connects: number; failed: string[] }> } {
  const results: Promise<string | undefined>[] = [];
  const one = async () => {
    const socket = await carried(port).catch((error: Error) => error.message);
    if (typeof socket === 'string') return socket;
    setTimeout(() => socket.end(), holdMs);
    return undefined;
  };
  const timer = setInterval(() => results.push(one()), 50);
  return {
    more: (count) => void results.push(...Array.from({ length: count }, one)),
    stop: async () => {
      clearInterval(timer);
      const failed = (await Promise.all(results)).filter((why) => why !== undefined);
      return { connects: results.length, failed };
    },
  };
}

it('passes over a relay that crashes again and again: no connect fails', async () => {
  const crashing = await worker('crashing');
  await expect.poll(relaysOnline, { timeout: 30_000 }).toBe(2);
  crashing.kill('SIGKILL'); // from here on it is not kept alive, but started and killed by hand
  const traffic = load(2000);
  const until = Date.now() + CRASHING_MS;
  let crashes = 0;
  while (Date.now() < until) {
    await crashing.stop(0);
    await crashing.start();
    const hasLinks = async () => {
      traffic.more(3); // for which the agent dials
      return (await metric(installation, 'crashing', 'sluice_relay_links').catch(() => 0)) > 0;
    };
    await expect.poll(hasLinks, { timeout: 30_000, interval: 100 }).toBe(true);
    crashing.kill('SIGKILL');
    crashes++;
  }
  await crashing.stop(0);
  const { connects, failed } = await traffic.stop();
  // a session that was open when its relay was killed is lost with it, and is not a connect that failed: the agent reports those
  const isFailure = ({ source, state, outcome, endReason }: AuditRecord) =>
    source === 'agent' || (state === 'final' && outcome !== 'completed' && endReason !== 'relay lost');
  const failures = (await system.records(server.id)).filter(isFailure);
  console.log(`${connects} connects beside a relay that crashed ${crashes} times, ${failed.length} without an echo`);
  expect(failures).toEqual([]);
  expect(failed.length).toBeLessThanOrEqual(crashes); // just opened
  expect(crashes).toBeGreaterThan(1);
  expect(connects).toBeGreaterThan((CRASHING_MS / 1000) * 10);
}, 120_000);

it('goes from two relays to four and back without a failed connect, with an even load, and cuts what the preview showed', async () => {
  await worker('roll-1');
  await expect.poll(relaysOnline, { timeout: 30_000 }).toBe(2); // those of the test before said nothing and are silent by now
  const traffic = load(3000);
  const added = await Promise.all([worker('roll-2'), worker('roll-3')]);
  await expect.poll(relaysOnline, { timeout: 30_000 }).toBe(4);

  // until the agent's links have spread over the new relays
  const begun = async (since: string) => {
    const counts: Record<string, number> = { 'relay-1': 0, 'roll-1': 0, 'roll-2': 0, 'roll-3': 0 };
    for (const { startedAt, relay } of await system.records(server.id))
      if (startedAt >= since && relay) counts[relay.name] = (counts[relay.name] ?? 0) + 1;
    return counts;
  };
  const total = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
  const leastLately = async () => {
    const lately = await begun(new Date(Date.now() - 5000).toISOString());
    return Math.min(...Object.values(lately)) / total(lately);
  };
  await expect.poll(leastLately, { timeout: 60_000, interval: 1000 }).toBeGreaterThan(0.2);
  const since = new Date().toISOString();
  await expect.poll(async () => total(await begun(since)), { timeout: 60_000, interval: 1000 }).toBeGreaterThan(200);
  const counts = await begun(since);
  console.log(`sessions over four relays: ${JSON.stringify(counts)}`);
  const mean = total(counts) / 4;
  for (const count of Object.values(counts)) expect(Math.abs(count - mean)).toBeLessThanOrEqual(mean * 0.2);

  const held: Socket[] = [];
  const live = async (name: string): Promise<AuditRecord[]> =>
    (await unwrap(system.admin.GET('/api/v1/sessions', { params: { query: { node: name, live: true } } }))).items;
  while ((await live('roll-2')).length === 0 || held.length < 20) held.push(await carried(port));
  for (const [at, name] of ['roll-2', 'roll-3'].entries()) {
    await admin.mustRun('admin', 'nodes', 'drain', name, '--deadline', '3', '--yes');
    const preview = JSON.parse(await admin.mustRun('admin', 'nodes', 'drain', name, '--preview', '--json')) as AuditRecord[];
    const node = (await nodes()).find((one) => one.name === name) as Schemas['Node'];
    const isDone = async () => (await live(name)).length === 0 && Date.parse(node.drain?.deadline ?? '') < Date.now();
    await expect.poll(isDone, { timeout: 20_000 }).toBe(true);
    await added[at]?.stop(20_000); // SIGTERM
    await expect.poll(async () => (await nodes()).map((one) => one.name)).not.toContain(name); // it said goodbye
    expect((await nodes(true)).find((one) => one.name === name)).toMatchObject({ state: 'offline' });
    const ended = (await system.records(server.id)).filter(({ relay }) => relay?.name === name);
    const cut = ended.filter(({ endReason }) => endReason === 'drained').map(({ id }) => id);
    expect(preview.map(({ id }) => id)).toEqual(expect.arrayContaining(cut));
    const others = ended.filter(({ id, endReason }) => endReason !== 'drained' && preview.some((shown) => shown.id === id));
    expect(others.every(({ endReason }) => endReason === 'client closed')).toBe(true); // they ended by themselves before the deadline
  }
  const { connects, failed } = await traffic.stop();
  console.log(`${connects} connects while two relays became four and two again, ${failed.length} failed`);
  expect(failed).toEqual([]);
  for (const socket of held) socket.destroy();
}, 180_000);
