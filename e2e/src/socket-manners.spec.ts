import { connect, type Socket } from 'node:net';
import { freePort } from '@sluice/embedded';
import { type TestSystem, type TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Resource } from './resource.js';
import { sharedSystem } from './system.js';

/** What a client saw of a connection. */
interface Seen {
  bytes: number;
  ended: boolean;
  error: string | undefined;
}

let system: TestSystem;
let user: TestUser;
const resources: Resource[] = [];

beforeAll(async () => {
  system = await sharedSystem();
  user = await system.addUser();
});
afterAll(async () => {
  await user.leave();
  for (const resource of resources) resource.close();
});

/** A resource, and the same behind Sluice. */
async function both(
  onConnection: (socket: Socket) => void,
): Promise<{ resource: Resource; direct: number; through: number; id: string }> {
  const resource = await Resource.serve(onConnection);
  resources.push(resource);
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  return { resource, direct: resource.port, through: await user.connect(server.name), id: server.id };
}

/** Connects and acts; says what was seen once the connection is over. */
function client(port: number, act: (socket: Socket) => void): Promise<Seen> {
  return new Promise((resolve) => {
    const seen: Seen = { bytes: 0, ended: false, error: undefined };
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('connect', () => act(socket));
    socket.on('data', (chunk) => (seen.bytes += chunk.length));
    socket.on('end', () => {
      seen.ended = true;
      if (!socket.writableEnded && socket.listenerCount('end') < 2) socket.end();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (seen.error = error.code));
    socket.on('close', () => resolve(seen));
  });
}

/** The same client directly and through Sluice: it must see the same. */
async function sameEitherWay(ports: { direct: number; through: number }, act: (socket: Socket) => void): Promise<Seen> {
  const direct = await client(ports.direct, act);
  const through = await client(ports.through, act);
  expect(through).toEqual(direct);
  return through;
}

describe('half-close', () => {
  it('delivers the response after the client has ended', async () => {
    const at = await both((socket) => socket.resume().on('end', () => setTimeout(() => socket.end(Buffer.alloc(100_000)), 300)));
    expect(await sameEitherWay(at, (socket) => socket.end('question'))).toEqual({
      bytes: 100_000,
      ended: true,
      error: undefined,
    });
    const [record] = await system.recordsWhen(at.id, (found) => found[0]?.state === 'final');
    expect(record).toMatchObject({
      endReason: 'client closed',
      outcome: 'completed',
      bytesUp: 8,
      bytesDown: 100_000,
      exactness: 'exact',
    });
  });

  it('lets the client continue after the resource has ended', async () => {
    const received: number[] = [];
    const at = await both((socket) => {
      let bytes = 0;
      socket.on('data', (chunk) => (bytes += chunk.length));
      socket.on('end', () => bytes > 0 && received.push(bytes)); // a health check sends nothing
      socket.end('bye');
    });
    const act = (socket: Socket) => socket.on('end', () => setTimeout(() => socket.end(Buffer.alloc(200_000)), 200));
    expect(await sameEitherWay(at, act)).toEqual({ bytes: 3, ended: true, error: undefined });
    await expect.poll(() => received).toEqual([200_000, 200_000]);
    const [record] = await system.recordsWhen(at.id, (found) => found[0]?.state === 'final');
    expect(record).toMatchObject({ endReason: 'resource closed', bytesUp: 200_000, bytesDown: 3 });
  });
});

describe('reset', () => {
  it('arrives at the client as a reset when the resource resets', async () => {
    const at = await both((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await sameEitherWay(at, (socket) => socket.write('x'))).toMatchObject({ ended: false, error: 'ECONNRESET' });
    const [record] = await system.recordsWhen(at.id, (found) => found[0]?.state === 'final');
    expect(record).toMatchObject({ endReason: 'resource reset', outcome: 'completed' });
  });

  it('arrives at the resource as a reset when the client resets', async () => {
    const errors: (string | undefined)[] = [];
    const at = await both((socket) => {
      socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code));
      socket.resume();
      socket.write('ready');
    });
    await client(at.through, (socket) => socket.once('data', () => socket.resetAndDestroy()));
    const [record] = await system.recordsWhen(at.id, (found) => found[0]?.state === 'final');
    expect(record).toMatchObject({ endReason: 'client reset', outcome: 'completed', bytesDown: 5 });
    expect(errors).toEqual(['ECONNRESET']);
  });
});

describe('a resource that cannot be reached', () => {
  it('is a connect and then a reset, with no byte before it, and one record', async () => {
    const server = await system.addServer(await freePort());
    await system.grant([user], [server]);
    const seen = await client(await user.connect(server.name), () => undefined);
    expect(seen).toEqual({ bytes: 0, ended: false, error: 'ECONNRESET' });
    const records = await system.recordsWhen(server.id, (found) => found.length > 0);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ outcome: 'failed', endReason: 'connect refused', attempt: 1, bytesUp: 0, bytesDown: 0 });
    const status = JSON.parse(await user.mustRun('status', '--json')) as {
      servers: { name: string; lastRefusal: { reason: string } | null }[];
    };
    expect(status.servers.find((entry) => entry.name === server.name)?.lastRefusal?.reason).toBe('connect refused');
  });

  it('reports that its name does not resolve', async () => {
    const server = await system.addServer(80, { hostname: 'nowhere.invalid' });
    await system.grant([user], [server]);
    expect(await client(await user.connect(server.name), () => undefined)).toMatchObject({ bytes: 0, error: 'ECONNRESET' });
    const [record] = await system.recordsWhen(server.id, (found) => found.length === 1);
    expect(record).toMatchObject({ outcome: 'failed', endReason: 'name not resolved', dialledAddress: null });
  });
});

it('keeps a session whose client does not read, delivers everything once it does, and counts what the resource sent', async () => {
  const total = 32 << 20;
  const at = await both((socket) => {
    socket.resume();
    socket.end(Buffer.alloc(total));
  });
  const seen = await new Promise<number>((resolve) => {
    let bytes = 0;
    const socket = connect({ port: at.through, host: '127.0.0.1' });
    socket.on('connect', () => setTimeout(() => socket.on('data', (chunk) => (bytes += chunk.length)), 2000));
    socket.on('close', () => resolve(bytes));
  });
  expect(seen).toBe(total);
  const [record] = await system.recordsWhen(at.id, (found) => found[0]?.state === 'final');
  expect(record).toMatchObject({ bytesDown: total, exactness: 'exact', endReason: 'resource closed' });
});
