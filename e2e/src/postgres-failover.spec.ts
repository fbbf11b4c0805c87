import { setTimeout as sleep } from 'node:timers/promises';
import { unwrap, type Schemas } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carried, SteadyLoad } from './carried.js';
import { PostgresPair } from './postgres-pair.js';
import { Scene } from './scene.js';

/** How long there is no primary. */
const AWAY_MS = 5000;

let pair: PostgresPair;
let scene: Scene;
let server: Schemas['Server'];
let port: number;

beforeAll(async () => {
  scene = await Scene.start({ postgres: async () => (pair = await PostgresPair.start()) });
  server = await scene.system.addServer(scene.resource.port);
  await scene.system.grant([scene.user], [server]);
  port = await scene.user.connect(server.name);
}, 180_000);
afterAll(() => scene.end());

it('loses nothing when its standby takes the place of PostgreSQL: no connect fails, no record and no change is missing', async () => {
  const { admin } = scene.system;
  const addRole = async (name: string) => (await admin.POST('/api/v1/roles', { body: { name } })).response.status;
  const live = await carried(port);
  const load = new SteadyLoad(port);
  await sleep(2000);
  expect(await addRole('before the failover')).toBe(201);
  const begun = performance.now();
  const statuses = new Set<number>();
  let isAway = true;
  const asking = (async () => {
    for (let n = 1; isAway; n++) statuses.add(await addRole(`while there is none, ${n}`));
  })();
  await pair.failOver(AWAY_MS);
  isAway = false;
  await asking;
  const promoted = performance.now();
  await expect.poll(() => addRole('after the failover'), { timeout: 30_000, interval: 100 }).toBe(201);
  const works = performance.now();
  await sleep(5000);
  await load.stop();
  live.end();
  const records = await scene.system.recordsWhen(
    server.id,
    (all) => all.filter(({ state, outcome }) => state === 'final' && outcome === 'completed').length >= load.opened + 1,
    60_000,
  );
  console.log(
    `no primary for ${Math.round(promoted - begun)} ms, changes work ${Math.round(works - promoted)} ms later; ${load.opened} opened, ${load.failed} failed`,
  );
  expect([...statuses].filter((status) => status !== 503 && status !== 201)).toEqual([]);
  expect(statuses).toContain(503);
  expect([load.failed, load.opened > 100]).toEqual([0, true]);
  expect(records.filter(({ outcome }) => outcome === 'completed')).toHaveLength(load.opened + 1);
  for (const { bytesUp, bytesDown, exactness } of records) expect([bytesUp, bytesDown, exactness]).toEqual([5, 5, 'exact']);
  const { items } = await unwrap(admin.GET('/api/v1/roles'));
  expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(['before the failover', 'after the failover']));
}, 180_000);
