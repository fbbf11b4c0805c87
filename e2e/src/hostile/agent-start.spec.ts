import { existsSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import type { Schemas } from '@sluice/sdk';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { carried } from '../carried.js';
import { KillableAgent } from '../chaos/victim.js';
import { Scene } from '../scene.js';

let scene: Scene;
let server: Schemas['Server'];
let port: number;
let agent: KillableAgent;
beforeAll(async () => {
  scene = await Scene.start({ restart: false });
  server = await scene.system.addServer(scene.resource.port);
  await scene.system.grant([scene.user], [server]);
  port = await scene.user.connect(server.name);
});
afterAll(() => scene.end());

beforeEach(async () => {
  const gateway = scene.installation.service('gateway');
  await scene.user.run('agent', 'stop');
  gateway.kill('SIGKILL');
  await gateway.ended();
  agent = new KillableAgent(scene.installation.options.root, scene.user.configHome);
});
afterEach(() => agent.stop());

const kept = (file: string) => path.join(scene.user.configHome, file);
const accepted = async (): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
};

it('listens at once for connected servers while the API is away, and carries as soon as a gateway is there', async () => {
  await agent.start();
  await expect.poll(accepted, { timeout: 20_000 }).toBe(true);
  await scene.installation.service('gateway').start();
  const socket = await carried(port);
  socket.destroy();
});

it('listens once the API responds, if it never knew what it may reach', async () => {
  rmSync(kept('feed.json'));
  await agent.start();
  await expect.poll(() => existsSync(kept('agent.sock')), { timeout: 20_000 }).toBe(true);
  await scene.user.run('disconnect', 'nothing of this name'); // must not store that nothing is connected
  expect(Object.keys(JSON.parse(readFileSync(kept('connected.json'), 'utf8')) as object)).toEqual([server.name]);
  expect(await accepted()).toBe(false);
  await scene.installation.service('gateway').start();
  await expect.poll(accepted, { timeout: 30_000 }).toBe(true);
  const socket = await carried(port);
  socket.destroy();
});
