import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Schemas } from '@sluice/sdk';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { Scene } from '../scene.js';

let scene: Scene;
let server: Schemas['Server'];
beforeAll(async () => {
  scene = await Scene.start();
  server = await scene.system.addServer(scene.resource.port);
  await scene.system.grant([scene.user], [server]);
});
afterAll(() => scene.end());

/**
 * Opens connections that say no more than `write`, from several addresses, the agent's own among them; each comes again.
 * @returns what ends them.
 */
async function openIdle(port: number, count: number, write = ''): Promise<() => void> {
  const open = new Set<Socket>();
  let over = false;
  const one = (i: number, done: () => void) => {
    if (over) return;
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${1 + (i % 8)}` }, done);
    open.add(socket.on('error', () => undefined).resume());
    socket.once('close', () => {
      open.delete(socket);
      done();
      setTimeout(() => one(i, () => undefined), 20); // the pace of the attack
    });
    socket.write(write);
  };
  await Promise.all(Array.from({ length: count }, (_, i) => new Promise<void>((resolve) => one(i, resolve))));
  return () => {
    over = true;
    for (const socket of open) socket.destroy();
  };
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

it('accepts an agent while silent connections, also from its own address, use up the limit and come back', async () => {
  const port = await scene.user.connect(server.name);
  expect(await carries(port)).toBe(true); // it has proven itself once
  onTestFinished(await openIdle(scene.installation.options.tunnelPort, 2400));
  const results = await Promise.all(Array.from({ length: 40 }, () => carries(port)));
  expect(results.filter((carried) => !carried)).toEqual([]);
});

it('answers a request of the API while thousands of connections wait for a next one', async () => {
  const { httpPort } = scene.installation.options;
  onTestFinished(await openIdle(httpPort, 5200, 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'));
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
