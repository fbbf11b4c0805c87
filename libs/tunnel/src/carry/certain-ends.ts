import type { Socket } from 'node:net';

const [MAJOR = 0, MINOR = 0] = process.versions.uv.split('.').map(Number);

/**
 * Whether the `end` event of a socket is certainly not a reset. libuv before 1.52 (Node 20, 22, and 24 before 24.16) reports
 * an orderly end when a reset arrives together with the last bytes: after a short read it interprets the kernel's hang-up
 * flag as an end, without the further read that would distinguish the two.
 */
export const ENDS_ARE_CERTAIN = MAJOR > 1 || (MAJOR === 1 && MINOR >= 52);

/**
 * Options for sockets that will be carried, for `connect` and `createServer`. With an old libuv they make `readInTurns`
 * possible: a socket stops reading as soon as one chunk is buffered.
 */
export const CARRIED_SOCKET: { readonly highWaterMark?: number } = ENDS_ARE_CERTAIN ? {} : { highWaterMark: 1 };

/**
 * Reads a socket so that its end is certain with an old libuv. No read is pending while a chunk is handled, so libuv cannot
 * take its shortcut, and the next read shows whether there is more data, an end, or a reset. This costs a turn of the event
 * loop per chunk, so it is used only after our own half has ended; before that, an empty write detects a reset.
 * @param take handles a chunk and returns whether more data is wanted
 * @returns continues to read after `take` has returned false
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
