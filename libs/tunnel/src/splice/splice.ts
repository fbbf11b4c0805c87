import type { Socket } from 'node:net';
import { freeAfterWrite } from '../socket/free-after-write.js';

/** The number of bytes that a splice passed in each direction. */
export interface Spliced {
  readonly bytesForth: number;
  readonly bytesBack: number;
}

/** How long one direction may continue after the other has ended. A TLS connection, of a link or of the bus, ends both at once. */
const HALF_OPEN_MS = 30_000;

/**
 * Joins two sockets until both directions have ended. A half-close is passed on as a half-close, and a reset as a reset. Once
 * one direction has ended, the other has `halfOpenMs` to end, or both sockets are reset.
 * Neither socket may be flowing. Resolves when both are closed.
 */
export function splice(a: Socket, b: Socket, halfOpenMs = HALF_OPEN_MS): Promise<Spliced> {
  const counts = { forth: 0, back: 0 };
  pipe(a, b, (n) => (counts.forth += n));
  pipe(b, a, (n) => (counts.back += n));
  const closed = (socket: Socket) =>
    new Promise<void>((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));
  const both = Promise.all([closed(a), closed(b)]).then(() => ({ bytesForth: counts.forth, bytesBack: counts.back }));
  let timer: NodeJS.Timeout | undefined;
  const endSoon = () => {
    timer ??= setTimeout(() => {
      a.resetAndDestroy();
      b.resetAndDestroy();
    }, halfOpenMs).unref();
  };
  a.once('end', endSoon).resume();
  b.once('end', endSoon).resume();
  return both.finally(() => clearTimeout(timer));
}

function pipe(from: Socket, to: Socket, count: (bytes: number) => void): void {
  from.on('data', (chunk: Buffer) => {
    count(chunk.length);
    if (!to.write(chunk, freeAfterWrite(chunk))) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('error', () => to.resetAndDestroy());
  from.on('close', (hadError) => {
    if (hadError || !from.readableEnded) to.resetAndDestroy();
  });
  if (from.destroyed) to.resetAndDestroy();
}
