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

/** Sessions of this long are counted when the relays are compared, in milliseconds. */
const SPREAD_OVER_MS = 20_000;

let scene: Scene;
let installation: Installation;
let system: TestSystem;
let user: TestUser;
let resource: Resource;
let server: Schemas['Server'];
let port: number;
let key: string;

beforeAll(async () => {
  scene = await Scene.start();
  ({ installation, system, user, resource } = scene);
  server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  port = await user.connect(server.name);
  ({ key } = await unwrap(system.admin.POST('/api/v1/cluster-keys', { body: { proxyCluster: 'default' } })));
});
afterAll(() => scene.end());

/** Starts a worker of the default cluster: it needs the key and nothing else. */
const worker = (name: string): Promise<ServiceProcess> =>
  installation.addRelay(name, { SLUICE_ENROLMENT_TOKEN: key, SLUICE_RELAY_NAME: name });

const nodes = async (): Promise<Schemas['Node'][]> => (await unwrap(system.admin.GET('/api/v1/nodes'))).items;
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

/** Sessions by relay, of those that began after a moment and were carried. */
async function byRelay(since: string): Promise<number[]> {
  const counts = new Map<string, number>();
  for (const { startedAt, outcome, relay } of await system.records(server.id))
    if (startedAt >= since && outcome !== 'failed' && relay) counts.set(relay.id, (counts.get(relay.id) ?? 0) + 1);
  return [...counts.values()];
}

it('needs nothing but the number of relays: from one to four and back to two no connect fails, and sessions spread within 20 %', async () => {
  const begun = new Date().toISOString();
  const traffic = load(500);
  const names = ['worker-1', 'worker-2', 'worker-3'];
  const workers = await Promise.all(names.map(worker));
  await expect.poll(relaysOnline, { timeout: 30_000 }).toBe(4);
  // agents replace the links that they use after 25 seconds at most, and so come to the new relays
  const spread = async (): Promise<number> => {
    const counts = await byRelay(new Date(Date.now() - SPREAD_OVER_MS).toISOString());
    const mean = counts.reduce((a, b) => a + b, 0) / 4;
    return counts.length < 4 ? 1 : Math.max(...counts.map((count) => Math.abs(count - mean) / mean));
  };
  await expect.poll(spread, { timeout: 120_000, interval: 2000 }).toBeLessThanOrEqual(0.2);
  await Promise.all(workers.slice(0, 2).map((stopped) => stopped.stop(40_000)));
  await expect.poll(relaysOnline, { timeout: 30_000 }).toBe(2);
  const { connects, failed } = await traffic.stop();
  console.log(`${connects} connects while relays came and went: ${failed.length} failed`);
  expect(failed).toEqual([]);
  const records = (await system.records(server.id)).filter(({ startedAt, state }) => startedAt >= begun && state === 'final');
  expect(records.filter(({ outcome }) => outcome !== 'completed')).toEqual([]);
  expect(records.length).toBeGreaterThan(connects * 0.9);
}, 240_000);
