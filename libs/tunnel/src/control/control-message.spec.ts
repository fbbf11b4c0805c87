import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { readControl, sendControl } from './control-message.js';

async function pair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  return [near.on('error', () => undefined).pause(), far.on('error', () => undefined)];
}

it('closes a control connection whose other end has gone silent, and none that speaks', async () => {
  const [vanished, heldOpen] = await pair();
  const [speaking, kept] = await pair();
  const heard: number[] = [];
  for (const socket of [heldOpen, kept])
    readControl(socket, (message) => message.tell === 'load' && heard.push(message.sessions), 400);
  const speak = setInterval(() => sendControl(speaking, { tell: 'load', sessions: heard.length, draining: false }), 50);
  sendControl(vanished, { tell: 'load', sessions: 0, draining: false }); // then never again, and its half stays open
  await new Promise<void>((resolve) => heldOpen.once('close', () => resolve()));
  expect(kept.destroyed).toBe(false);
  expect(heard.length).toBeGreaterThan(1);
  clearInterval(speak);
  for (const socket of [vanished, speaking, kept]) socket.destroy();
});
