import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect, it } from 'vitest';
import { Offers } from './offers.js';

/** A listener that counts connections, and closes each of them. */
async function port() {
  const dialled = { times: 0 };
  const server: Server = createServer((socket) => {
    dialled.times++;
    socket.on('error', () => undefined).destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { dialled, server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

it('dials exactly the gateways that the policy names, also after their address has changed', async () => {
  const [first, moved, gone] = [await port(), await port(), await port()];
  const offers = new Offers({
    credentials: () => ({ certificate: Buffer.from('any'), sign: () => Buffer.alloc(64) }),
    verifyGateway: () => Promise.reject(new Error('nobody answers here')) as never,
    load: () => ({ sessions: 0, draining: false }),
    hasRoom: () => true,
    onPaired: () => undefined,
    onLeaving: () => undefined,
    onTrouble: () => undefined,
  });
  offers.follow(
    new Map([
      ['one', first.address],
      ['two', gone.address],
    ]),
  );
  await expect.poll(() => [first.dialled.times > 0, gone.dialled.times > 0]).toEqual([true, true]);
  expect([offers.connected, moved.dialled.times]).toEqual([0, 0]);
  offers.follow(new Map([['one', moved.address]]));
  const before = [first.dialled.times, gone.dialled.times];
  await expect.poll(() => moved.dialled.times, { timeout: 5000 }).toBeGreaterThan(2);
  expect([first.dialled.times, gone.dialled.times]).toEqual(before);
  offers.stop();
  for (const { server } of [first, moved, gone]) server.close();
});
