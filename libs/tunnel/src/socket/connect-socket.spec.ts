import { getEventListeners, once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectError, connectSocket, untilOpen } from './connect-socket.js';

/** A name that is never resolved: the connection stays pending, as it does at an address that drops packets. */
const PENDING = { host: 'silent.example', port: 1, lookup: () => undefined };
const EVENTS = ['connect', 'error', 'close'] as const;

let server: Server;
let port: number;
beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => undefined).end('greeting')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => server.close());

const failure = (attempt: Promise<Socket>): Promise<ConnectError> =>
  attempt.then(
    () => Promise.reject(new Error('it connected')),
    (error: unknown) => error as ConnectError,
  );

describe('connecting a socket', () => {
  it('returns it unread, and leaves neither a listener nor a timer behind', async () => {
    const { signal } = new AbortController();
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const socket = await connectSocket({ host: '127.0.0.1', port }, { timeoutMs: 60_000, signal });
    expect(EVENTS.map((event) => socket.listenerCount(event))).toEqual([0, 0, 0]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBe(before);
    expect(socket.isPaused()).toBe(true);
    const received: string[] = [];
    socket.setEncoding('utf8').on('data', (text: string) => received.push(text));
    expect(received).toEqual([]);
    socket.resume();
    await once(socket, 'close');
    expect(received).toEqual(['greeting']);
  });

  it('reports that nothing listens there, with the error of the system', async () => {
    server.close();
    const error = await failure(connectSocket({ host: '127.0.0.1', port }, { timeoutMs: 60_000 }));
    expect(error).toBeInstanceOf(ConnectError);
    expect({ code: error.code, system: (error.cause as NodeJS.ErrnoException).code }).toEqual({
      code: 'refused',
      system: 'ECONNREFUSED',
    });
  });

  it('reports that a name has no address', async () => {
    const lookup = (_name: string, _options: object, answer: (error: Error, address: string, family: number) => void) =>
      answer(Object.assign(new Error('not found'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }), '', 4);
    const error = await failure(connectSocket({ ...PENDING, lookup }, { timeoutMs: 60_000 }));
    expect(error.code).toBe('unresolved');
  });

  it('is abandoned at its deadline, given as a time or as a signal', async () => {
    const errors = [
      await failure(connectSocket(PENDING, { timeoutMs: 10 })),
      await failure(connectSocket(PENDING, { signal: AbortSignal.timeout(10) })),
    ];
    expect(errors.map(({ code }) => code)).toEqual(['timeout', 'timeout']);
  });

  it('is abandoned when it is no longer wanted, before or after it began', async () => {
    const controller = new AbortController();
    const pending = failure(connectSocket(PENDING, { timeoutMs: 60_000, signal: controller.signal }));
    controller.abort();
    const { signal } = controller;
    const errors = [await pending, await failure(connectSocket({ host: '127.0.0.1', port }, { signal }))];
    expect(errors.map(({ code }) => code)).toEqual(['aborted', 'aborted']);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('destroys the socket when it fails, and reports a socket that somebody else destroyed', async () => {
    const socket = await connectSocket({ host: '127.0.0.1', port }, { timeoutMs: 60_000 });
    const late = failure(untilOpen(socket, 'secureConnect', { timeoutMs: 10 }));
    expect([(await late).code, socket.destroyed]).toEqual(['timeout', true]);
    const other = await connectSocket({ host: '127.0.0.1', port }, { timeoutMs: 60_000 });
    const closed = failure(untilOpen(other, 'secureConnect', { timeoutMs: 60_000 }));
    other.destroy();
    expect((await closed).code).toBe('closed');
  });
});
