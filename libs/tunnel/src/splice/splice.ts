import type { Socket } from 'node:net';

/** What a splice came to. */
export interface Spliced {
  readonly bytesForth: number;
  readonly bytesBack: number;
}

/** How long one direction may go on after the other has ended. What is spliced (TLS, of links and of the bus) ends both at once. */
const HALF_OPEN_MS = 30_000;

/**
 * Joins two sockets until both directions have ended: a half-close passes as a half-close, a reset as a reset. Who never
 * ends their half is reset after a while.
 * Neither may be flowing. Resolves when both are closed.
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
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('error', () => to.resetAndDestroy());
  from.on('close', (hadError) => {
    if (hadError || !from.readableEnded) to.resetAndDestroy();
  });
  if (from.destroyed) to.resetAndDestroy();
}
