import { connect, type Socket } from 'node:net';
import { freePort, type Installation } from '@sluice/embedded';
import { createSluiceClient, unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Resource } from './resource.js';
import { Scene } from './scene.js';

let scene: Scene;
let installation: Installation;
let system: TestSystem;
let user: TestUser;
let resource: Resource;
let port: number;
let serverId: string;

beforeAll(async () => {
  scene = await Scene.start();
  ({ installation, system, user, resource } = scene);
  const server = await system.addServer(resource.port);
  serverId = server.id;
  await system.grant([user], [server]);
  port = await user.connect(server.name);
});
afterAll(() => scene.end());

/** Opens a session, receives its echo, ends it. @returns what failed, and after how long; undefined if nothing did */
function session(): Promise<string | undefined> {
  const begun = performance.now();
  return new Promise((resolve) => {
    let why = 'ended without an echo';
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write('hello'));
    socket.once('data', () => socket.end()).on('error', (error) => (why = error.message));
    socket.once('close', (failed) =>
      resolve(!failed && socket.bytesRead === 5 ? undefined : `${why} after ${Math.round(performance.now() - begun)} ms`),
    );
  });
}

const failures = (results: (string | undefined)[]) => results.filter((why) => why !== undefined);

/** Nothing failed; if something did, the agent's own word on it is in the message. */
async function expectNone(results: (string | undefined)[]): Promise<void> {
  const failed = failures(results);
  expect(failed, failed.length > 0 ? (await user.run('status')).stdout : '').toEqual([]);
}

it('serves a burst of 500 connects without a failure', async () => {
  const results = await Promise.all(Array.from({ length: 500 }, session));
  await expectNone(results);
});

it('does not lose a connect while one gateway of two restarts', async () => {
  const second = await installation.addGateway('gateway-2', { http: await freePort(), tunnel: await freePort() });
  const gateways = async () => new Set((await system.records(serverId)).slice(0, 40).map((record) => record.gateway)).size;
  await expect
    .poll(
      async () => {
        await Promise.all(Array.from({ length: 40 }, session)); // more than there are ready links: new ones go to both gateways
        return gateways();
      },
      { timeout: 100_000 }, // a slow round trip counts until the next measurement, half a minute later
    )
    .toBe(2);
  const results: ReturnType<typeof session>[] = [];
  const timer = setInterval(() => results.push(session()), 50);
  const stopping = performance.now();
  await second.stop(40_000);
  const drained = performance.now() - stopping;
  await second.start();
  const { items } = await unwrap(system.admin.GET('/api/v1/nodes'));
  expect(items.filter((node) => node.kind === 'gateway')).toHaveLength(2);
  await expect.poll(() => results.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(60);
  clearInterval(timer);
  const seen = await Promise.all(results);
  console.log(`${seen.length} connects while a gateway of two restarted, ${failures(seen).length} failed`);
  await expectNone(seen);
  expect(drained).toBeLessThan(20_000); // it waits for sessions, at most 30 s, not for links that carry nothing
});

it('runs its API and its tunnel port apart, as two processes of one program', async () => {
  const [http, tunnel] = [await freePort(), await freePort()];
  const api = await installation.addGateway('gateway-api', { http, tunnel }, { SLUICE_GATEWAY_PARTS: 'api' });
  const tunnelOnly = await installation.addGateway('gateway-tunnel', { http, tunnel }, { SLUICE_GATEWAY_PARTS: 'tunnel' });
  expect(Object.keys(api.announcement)).not.toContain('tunnelPort');
  expect(tunnelOnly.announcement).toMatchObject({ tunnelPort: tunnel });
  expect(Object.keys(tunnelOnly.announcement)).not.toContain('httpPort');

  const here = createSluiceClient({ server: `http://127.0.0.1:${http}`, token: system.adminToken });
  const { items } = await unwrap(here.GET('/api/v1/nodes'));
  expect(items.map((node) => node.name)).toEqual(expect.arrayContaining(['gateway-tunnel']));
  expect(items.map((node) => node.name)).not.toContain('gateway-api');
  const through = async () =>
    (await system.records(serverId)).some((record) => record.gateway === tunnelOnly.announcement['nodeId']);
  await expect
    .poll(
      async () => {
        await Promise.all(Array.from({ length: 40 }, session));
        return through();
      },
      { timeout: 60_000 },
    )
    .toBe(true);
  for (const { announcement } of [api, tunnelOnly])
    expect((await fetch(`http://127.0.0.1:${announcement.operationsPort}/readyz`)).status).toBe(200);
});
