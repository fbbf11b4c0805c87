import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { answerError } from './answer-preamble.js';

it('closes a connection that it rejected, even if the peer keeps its half open', async () => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined).resume();
  const [socket] = (await once(server, 'connection')) as [Socket];
  answerError(socket, 'limit-reached', 'too many');
  await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
  client.destroy();
  server.close();
});
