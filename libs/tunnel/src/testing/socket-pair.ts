import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll } from 'vitest';

/** The sockets of all pairs that are still open. They are destroyed after the last test of a file. */
export const openSockets = new Set<Socket>();
afterAll(() => openSockets.forEach((socket) => socket.destroy()));

/** Two connected sockets, neither flowing, whose errors are ignored. @param options of both ends */
export async function socketPair(options: { readonly highWaterMark?: number } = {}): Promise<[near: Socket, far: Socket]> {
  const server = createServer({ ...options, allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const near = connect({ ...options, port, host: '127.0.0.1', allowHalfOpen: true }).pause();
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  for (const socket of [near, far]) {
    openSockets.add(socket.on('error', () => undefined));
    socket.once('close', () => openSockets.delete(socket));
  }
  return [near, far];
}
