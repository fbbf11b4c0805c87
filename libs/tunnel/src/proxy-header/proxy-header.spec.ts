import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeProxyHeader, readProxyHeader } from './proxy-header.js';

const server = createServer();
let accept: (socket: Socket) => void = () => undefined;
beforeAll(
  () => new Promise<void>((resolve) => server.on('connection', (socket) => accept(socket)).listen(0, '127.0.0.1', resolve)),
);
afterAll(() => server.close());

/** Sends pieces over a real connection and reads a header at the other end. */
async function sent(pieces: Uint8Array[]) {
  const accepted = new Promise<Socket>((resolve) => (accept = resolve));
  const client = connect((server.address() as { port: number }).port, '127.0.0.1');
  client.on('error', () => undefined);
  const socket = await accepted;
  for (const piece of pieces) client.write(piece);
  client.end();
  try {
    const header = await readProxyHeader(socket, AbortSignal.timeout(2000));
    const rest = await new Promise<Buffer>((resolve) => {
      const chunks: Buffer[] = [];
      socket
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => resolve(Buffer.concat(chunks)))
        .resume();
    });
    return { header, rest };
  } finally {
    socket.destroy();
    client.destroy();
  }
}

const header = {
  clientAddress: '192.0.2.7',
  clientPort: 40_000,
  gatewayId: '00000000-0000-4000-8000-000000000001',
  accountId: '00000000-0000-4000-8000-000000000002',
};

it('names the agent, over IPv4 and IPv6, and leaves what follows unread', async () => {
  const { header: read, rest } = await sent([encodeProxyHeader(header), Buffer.from('\x16\x03\x01 tls')]);
  expect(read).toEqual(header);
  expect(rest.toString()).toBe('\x16\x03\x01 tls');
  const six = await sent([encodeProxyHeader({ ...header, clientAddress: '2001:db8::5' })]);
  expect(six.header.clientAddress).toBe('2001:db8:0:0:0:0:0:5');
});
