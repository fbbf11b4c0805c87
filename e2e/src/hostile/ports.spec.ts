import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Schemas } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Scene } from '../scene.js';

let scene: Scene;
let server: Schemas['Server'];
const idle: Socket[] = [];
beforeAll(async () => {
  scene = await Scene.start();
  server = await scene.system.addServer(scene.resource.port);
  await scene.system.grant([scene.user], [server]);
});
afterAll(async () => {
  for (const socket of idle) socket.destroy();
  await scene.end();
});

/** Opens connections that say nothing, from several addresses, the agent's own among them. */
async function openIdle(port: number, count: number, write?: string): Promise<void> {
  const opened = [];
  for (let i = 0; i < count; i++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${1 + (i % 8)}` }).on('error', () => undefined);
    idle.push(socket);
    opened.push(once(socket, 'connect').catch(() => undefined));
    if (write !== undefined) socket.write(write);
  }
  await Promise.all(opened);
}

async function carries(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  socket.write('hello');
  const answered = await Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)]).catch(
    () => false,
  );
  socket.destroy();
  return answered;
}

it('lets an agent in while silent connections, also of its own address, take all the room there is at the tunnel port', async () => {
  const { tunnelPort } = scene.installation.options;
  await openIdle(tunnelPort, 1600);
  const port = await scene.user.connect(server.name); // a fresh agent, without a link
  const results = await Promise.all(Array.from({ length: 40 }, () => carries(port)));
  expect(results.filter((carried) => !carried)).toEqual([]);
});

it('answers a request of the API while thousands of connections wait for a next one', async () => {
  const { httpPort } = scene.installation.options;
  await openIdle(httpPort, 5200, 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const asked = request(
      { port: httpPort, host: '127.0.0.1', path: '/api/v1/me', agent: new Agent(), timeout: 5000 },
      (answer) => resolve(answer.statusCode),
    );
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end();
  });
  expect(status).toBe(401);
});
