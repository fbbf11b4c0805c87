// A server that sends back what it receives, and connections to it whose bytes are counted by plain sockets.
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const DIGEST_BYTES = 32;
const WITHIN_MS = 30_000;
/** The largest random size of a connection, in bytes. */
const MAX_BYTES = 1_000_000;

/** Starts a server that sends back what it receives, and then its SHA-256. @returns its port, and what stops it */
export async function startEcho() {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const hash = createHash('sha256');
    socket.on('data', (bytes) => hash.update(bytes));
    socket.on('error', () => undefined).once('end', () => socket.end(hash.digest()));
    socket.pipe(socket, { end: false });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, stop: () => server.close() };
}

/** Opens a connection through an agent, sends bytes, and checks what comes back. @returns the bytes in each direction */
async function exchange(address, length) {
  const [host, port] = [address.slice(0, address.lastIndexOf(':')), Number(address.slice(address.lastIndexOf(':') + 1))];
  const sent = randomBytes(length);
  const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port, allowHalfOpen: true });
  socket.setTimeout(WITHIN_MS, () => socket.destroy(new Error('nothing was received for too long')));
  socket.end(sent);
  const received = Buffer.concat(await socket.toArray());
  const wanted = Buffer.concat([sent, createHash('sha256').update(sent).digest()]);
  if (!received.equals(wanted)) throw new Error(`${received.length} bytes came back of ${length}, or other ones`);
  return { up: length, down: length + DIGEST_BYTES };
}

/** Makes connections of random sizes through an agent, a few at a time. @returns the bytes of each */
export async function makeConnections(address, count) {
  const sizes = Array.from({ length: count }, (_, at) => (at < 2 ? at : randomInt(MAX_BYTES)));
  const made = [];
  const next = async () => {
    for (let size = sizes.pop(); size !== undefined; size = sizes.pop()) made.push(await exchange(address, size));
  };
  await Promise.all(Array.from({ length: 4 }, next));
  return made;
}

/** Opens a connection that stays open after its first bytes have come back. */
export async function holdConnection(address) {
  const [host, port] = [address.slice(0, address.lastIndexOf(':')), Number(address.slice(address.lastIndexOf(':') + 1))];
  const socket = connect({ host, port }).on('error', () => undefined);
  socket.write(randomBytes(1000));
  for (let received = 0; received < 1000;)
    received += (await once(socket, 'data', { signal: AbortSignal.timeout(WITHIN_MS) }))[0].length;
  return socket;
}
