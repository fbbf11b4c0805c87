import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort } from './port.js';

/** What another process does that reserves a port. */
async function bind(port: number): Promise<Socket> {
  const socket = createSocket('udp4').bind({ port, address: '127.0.0.1', exclusive: true });
  await once(socket, 'listening');
  return socket;
}

it('a port that another process has reserved is passed over, though nobody listens there yet', async () => {
  const port = await freePort();
  const other = await bind(port + 1);
  expect(await freePort()).toBeGreaterThan(port + 1);
  other.close();
});

it('a port is reserved from the moment it is returned, and can be listened on', async () => {
  const port = await freePort();
  await expect(bind(port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
});
