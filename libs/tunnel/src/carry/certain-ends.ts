import type { Socket } from 'node:net';

const [MAJOR = 0, MINOR = 0] = process.versions.uv.split('.').map(Number);

/**
 * Whether `end` of a socket is never a reset. libuv before 1.52 (Node 20, 22, and 24 before 24.16) reports the end of a
 * connection that was reset together with its last bytes: after a short read it takes the kernel's word that the connection
 * hung up for an end, without the read that would say which of both it is.
 */
export const ENDS_ARE_CERTAIN = MAJOR > 1 || (MAJOR === 1 && MINOR >= 52);

/**
 * Options of sockets that are to be carried, for `connect` and `createServer`. Where ends are not certain they make
 * `readInTurns` possible: a socket stops reading as soon as a chunk waits in it.
 */
export const CARRIED_SOCKET: { readonly highWaterMark?: number } = ENDS_ARE_CERTAIN ? {} : { highWaterMark: 1 };

/**
 * Reads a socket so that its end is certain where libuv does not make it so: nothing is being read while a chunk is handled,
 * so libuv takes no short cut, and the next read says whether there is more, an end, or a reset. Costs a turn of the loop per
 * chunk, so it is used after our own half has ended only: before, an empty write tells.
 * @param take returns whether more may come; else call what this function returned when it may.
 */
export function readInTurns(socket: Socket, take: (chunk: Buffer) => boolean): () => void {
  let full = false;
  const next = () => {
    if (full || socket.destroyed) return;
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) full = !take(chunk);
  };
  socket.on('readable', () => setImmediate(next));
  return () => {
    full = false;
    setImmediate(next);
  };
}
