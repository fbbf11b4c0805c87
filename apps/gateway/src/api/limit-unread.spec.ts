import { once } from 'node:events';
import { get } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { fastify } from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { limitUnread } from './limit-unread.js';

const LARGE = Buffer.alloc(16 * 1024 * 1024);
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0)) await undo();
});

/** A server that accepts 40 connections, of which 20 may have an unread response, and 10 from one address. */
async function serve(): Promise<{ port: number; connections: Socket[] }> {
  const server = fastify();
  limitUnread(server, { max: 20, maxOfOne: 10, maxInFlood: 30 }, (request) => request.ip);
  server.get('/large', (_, reply) => reply.send(LARGE));
  server.get('/small', (_, reply) => reply.send('small'));
  await server.listen({ host: '127.0.0.1', port: 0 });
  server.server.maxConnections = 40;
  const connections: Socket[] = [];
  server.server.on('connection', (socket) => connections.push(socket));
  cleanUp.push(() => {
    server.server.closeAllConnections();
    return server.close();
  });
  return { port: (server.server.address() as AddressInfo).port, connections };
}

/** The length of a response, requested on a connection of its own. */
const lengthOf = (port: number, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    let length = 0;
    get({ port, host: '127.0.0.1', path, agent: false }, (answer) =>
      answer.on('data', (chunk: Buffer) => (length += chunk.length)).on('end', () => resolve(length)),
    ).on('error', reject);
  });

/** Sends requests and does not read the responses. */
async function ask(port: number, from: string, ...paths: string[]): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from }).pause();
  cleanUp.push(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
}

it.each([
  ['after one request', ['/large']],
  ['after several on one connection, the first of which is answered', ['/small', '/large']],
])('still serves others while clients do not read their responses, %s', async (_, paths) => {
  const { port } = await serve();
  for (let i = 0; i < 60; i++) {
    await ask(port, `127.0.0.${2 + (i % 8)}`, ...paths);
    expect(await lengthOf(port, '/small')).toBe(5);
  }
});

it('closes the oldest connections of one address, and delivers a response that is read completely', async () => {
  const { port, connections } = await serve();
  for (let i = 0; i < 12; i++) await ask(port, '127.0.0.2', '/large');
  await expect.poll(() => connections.map((socket) => socket.destroyed).indexOf(false), { timeout: 4000 }).toBe(2);
  expect(await lengthOf(port, '/large')).toBe(LARGE.length);
});
