import type { Socket } from 'node:net';
import { freePort, type Installation, type ServiceProcess } from '@sluice/embedded';
import { collect, type Schemas, unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { carried } from './carried.js';
import type { Resource } from './resource.js';
import { Scene } from './scene.js';

type AuditRecord = Schemas['AuditRecord'];

let scene: Scene;
let installation: Installation;
let system: TestSystem;
let user: TestUser;
let admin: TestUser;
let resource: Resource;
let server: Schemas['Server'];
let port: number;
let second: ServiceProcess;
let gateway: ServiceProcess;
/** Deadline of the second gateway when it stops. */
const STOP_SECONDS = 3;

beforeAll(async () => {
  scene = await Scene.start();
  ({ installation, system, user, resource } = scene);
  admin = await system.addUser('administrator');
  const drainSeconds = { SLUICE_DRAIN_SECONDS: String(STOP_SECONDS) };
  gateway = await installation.addGateway('gateway-2', { http: await freePort(), tunnel: await freePort() }, drainSeconds);
  server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  port = await user.connect(server.name);
  const { token } = await unwrap(system.admin.POST('/api/v1/nodes/tokens', { body: { name: 'relay-2' } }));
  second = await installation.addRelay('relay-2', { SLUICE_ENROLMENT_TOKEN: token });
  await vi.waitFor(async () => expect(await stateOf('relay-2')).toBe('online'), 30_000);
});
afterAll(async () => {
  await admin.leave();
  await scene.end();
});

const node = async (name: string): Promise<Schemas['Node']> => {
  const { items } = await unwrap(system.admin.GET('/api/v1/nodes', { params: { query: { name } } }));
  return items[0] as Schemas['Node'];
};
const stateOf = async (name: string) => (await node(name)).state;

/** Running sessions whose records match, by id. */
const running = async (of: { node?: string; gateway?: string }): Promise<AuditRecord[]> =>
  collect((cursor) =>
    unwrap(
      system.admin.GET('/api/v1/sessions', { params: { query: { ...of, live: true, ...(cursor !== undefined && { cursor }) } } }),
    ),
  );
const idsOf = (records: readonly AuditRecord[]) => records.map(({ id }) => id).sort();
const final = (id: string) =>
  system
    .recordsWhen(server.id, (found) => found.some((record) => record.id === id && record.state === 'final'))
    .then((found) => found.find((record) => record.id === id) as AuditRecord);

/** Holds sessions open, one more at a time, until there are some that match. */
async function holdUntil(matching: () => Promise<AuditRecord[]>, atLeast: number): Promise<Socket[]> {
  const held: Socket[] = [];
  const oneMore = async () => {
    held.push(await carried(port));
    return (await matching()).length;
  };
  await expect.poll(oneMore, { timeout: 60_000, interval: 20 }).toBeGreaterThanOrEqual(atLeast);
  await expect
    .poll(async () => (await system.records(server.id)).filter(({ state }) => state === 'live').length)
    .toBe(held.length);
  return held;
}

/** Connects twenty times a second until it is stopped. @returns which relays or gateways served, and what failed */
function connects(): { stop: () => Promise<string[]> } {
  const results: Promise<string | undefined>[] = [];
  const timer = setInterval(() => {
    results.push(
      carried(port).then(
        (socket) => void socket.end(),
        (error: Error) => error.message,
      ),
    );
  }, 50);
  const stop = async () => {
    clearInterval(timer);
    const failed = (await Promise.all(results)).filter((why) => why !== undefined);
    console.log(`${results.length} connects, ${failed.length} failed`);
    expect(results.length).toBeGreaterThan(20);
    return failed;
  };
  return { stop };
}

/** Opens sessions. @returns the relays and gateways that carried them */
async function whoServes(count: number): Promise<{ relays: Set<string>; gateways: Set<string | null> }> {
  const since = new Date().toISOString();
  for (let i = 0; i < count; i++) (await carried(port)).end();
  const fresh = (found: AuditRecord[]) => found.filter((r) => r.startedAt >= since && r.outcome === 'completed');
  const records = fresh(await system.recordsWhen(server.id, (found) => fresh(found).length >= count));
  return { relays: new Set(records.map(({ relay }) => relay?.name as string)), gateways: new Set(records.map((r) => r.gateway)) };
}

it('drains a relay by command: no connect fails, and at the deadline exactly those end that the preview showed', async () => {
  const held = await holdUntil(() => running({ node: 'relay-2' }), 3);
  const counted = async () => (await running({ node: 'relay-2' })).every(({ bytesUp }) => bytesUp === 5);
  await expect.poll(counted, { timeout: 20_000 }).toBe(true); // by the checkpoints
  const preview = JSON.parse(await admin.mustRun('admin', 'nodes', 'drain', 'relay-2', '--preview', '--json')) as AuditRecord[];
  expect(idsOf(preview)).toEqual(idsOf(await running({ node: 'relay-2' })));
  expect(preview[0]).toMatchObject({ account: { email: user.email }, resource: { name: server.name }, bytesUp: 5, bytesDown: 5 });
  expect(await node('relay-2')).toMatchObject({ state: 'online', drain: null });
  const others = idsOf(await running({ node: 'relay-1' }));

  const load = connects();
  const said = await admin.mustRun('admin', 'nodes', 'drain', 'relay-2', '--deadline', '4', '--yes');
  expect(said).toMatch(/^relay-2 accepts nothing new; running sessions end at .* 2 of 2 relays have it\.$/m);
  expect((await whoServes(20)).relays).toEqual(new Set(['relay-1']));
  const draining = await node('relay-2');
  expect(draining).toMatchObject({ state: 'draining', drain: { deadline: expect.any(String) as string } });
  expect(await admin.mustRun('admin', 'nodes', 'list')).toMatch(/relay-2 .*draining, sessions end/);
  expect(await admin.mustRun('admin', 'nodes', 'show', 'relay-2')).toMatch(/Drained since: .*\nSessions end: +at /);
  for (const { id } of preview) {
    const record = await final(id);
    expect(record).toMatchObject({ endReason: 'drained', outcome: 'completed', relay: { name: 'relay-2' } });
    expect(Date.parse(record.endedAt as string)).toBeGreaterThanOrEqual(Date.parse(draining.drain?.deadline as string));
  }
  expect(await load.stop()).toEqual([]);
  expect((await running({ node: 'relay-1' })).map(({ id }) => id)).toEqual(expect.arrayContaining(others));
  const cut = (await system.records(server.id)).filter(({ endReason }) => endReason === 'drained');
  expect(idsOf(cut)).toEqual(idsOf(preview));
  for (const socket of held) socket.destroy();
}, 120_000);

it('keeps a relay out of service when it and the registry are restarted, until it is undrained', async () => {
  await Promise.all([second.stop(20_000), installation.service('registry').stop(20_000)]);
  await installation.service('registry').start();
  await second.start();
  await expect.poll(() => stateOf('relay-2'), { timeout: 30_000 }).toBe('draining');
  expect((await whoServes(20)).relays).toEqual(new Set(['relay-1']));
  expect(await admin.mustRun('admin', 'nodes', 'undrain', 'relay-2')).toContain('relay-2 is in service again.');
  expect(await node('relay-2')).toMatchObject({ state: 'online', drain: null });
  for (const socket of await holdUntil(() => running({ node: 'relay-2' }), 1)) socket.destroy();
  expect(await admin.mustRun('admin', 'nodes', 'undrain', 'relay-2')).toContain('relay-2 was in service already.');

  const { items } = await unwrap(system.admin.GET('/api/v1/activities', { params: { query: { limit: 20 } } }));
  const ofNode = items.filter(({ object }) => object.name === 'relay-2' && object.kind === 'node');
  expect(ofNode.map(({ verb }) => verb).slice(0, 2)).toEqual(['undrained', 'drained']);
  expect(ofNode[1]).toMatchObject({ before: { drainingSince: null, drainDeadline: null }, actor: { email: admin.email } });
  expect(ofNode[0]).toMatchObject({ after: { drainingSince: null, drainDeadline: null } });
}, 120_000);

it('drains a gateway by command: agents are told of the others, and what it carries goes on until the deadline', async () => {
  const { id } = await node('gateway-2');
  const held = await holdUntil(() => running({ gateway: id }), 2);
  const preview = JSON.parse(await admin.mustRun('admin', 'nodes', 'drain', 'gateway-2', '--preview', '--json')) as AuditRecord[];
  expect(idsOf(preview)).toEqual(idsOf(await running({ gateway: id })));

  const load = connects();
  await admin.mustRun('admin', 'nodes', 'drain', 'gateway-2', '--deadline', '4', '--yes');
  expect((await whoServes(20)).gateways).toEqual(new Set([(await node('gateway-1')).id]));
  expect(await stateOf('gateway-2')).toBe('draining');
  const { gateways } = await unwrap(system.admin.GET('/api/v1/me'));
  expect(gateways.map((gateway) => gateway.id)).not.toContain(id);
  const cut = await Promise.all(preview.map((session) => final(session.id)));
  expect(cut.map(({ endReason }) => endReason)).toEqual(cut.map(() => 'drained'));
  expect(await load.stop()).toEqual([]);
  await expect.poll(async () => (await node('gateway-2')).sessions, { timeout: 10_000 }).toBe(0);
  await admin.mustRun('admin', 'nodes', 'undrain', 'gateway-2');
  expect((await unwrap(system.admin.GET('/api/v1/me'))).gateways.map((gateway) => gateway.id)).toContain(id);
  await expect
    .poll(
      async () => {
        await Promise.all(Array.from({ length: 20 }, () => carried(port).then((socket) => socket.end())));
        return (await whoServes(5)).gateways.has(id);
      },
      { timeout: 60_000 },
    )
    .toBe(true);
  for (const socket of held) socket.destroy();
}, 150_000);

it('ends what a gateway still carries at the deadline of its stop as drained, and not before', async () => {
  const { id } = await node('gateway-2');
  const held = await holdUntil(() => running({ gateway: id }), 2);
  const carrying = await running({ gateway: id });
  const begun = Date.now();
  await gateway.stop(40_000);
  const cut = await Promise.all(carrying.map((session) => final(session.id)));
  for (const { endReason, outcome, endedAt } of cut) {
    expect([endReason, outcome]).toEqual(['drained', 'completed']);
    expect(Date.parse(endedAt as string)).toBeGreaterThanOrEqual(begun + STOP_SECONDS * 1000);
  }
  const stopped = (Date.now() - begun) / 1000;
  console.log(`${cut.length} sessions ended as drained; the gateway had stopped ${stopped.toFixed(1)} s after it was told to`);
  for (const socket of held) socket.destroy();
}, 150_000);
