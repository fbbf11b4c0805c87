/** Smaller chunks are left to the garbage collector. */
const LEAST_BYTES = 8000;

/** `transfer` exists in Node 22 and later. */
type Memory = ArrayBufferLike & { readonly transfer?: (length: number) => ArrayBuffer };

/**
 * A callback for the write of a piece of a chunk that was read from a socket. It frees the chunk's memory as soon as its last piece
 * was written, so that the next read finds that memory in the processor's cache and the garbage collector need not free it.
 * Undefined for a piece that is not the last, because data after it may still be needed, and for shared memory: short buffers
 * are slices of one buffer of `Buffer.poolSize` bytes.
 */
export function freeAfterWrite(piece: Buffer): (() => void) | undefined {
  const memory = piece.buffer as Memory;
  const { byteLength } = memory;
  if (byteLength < LEAST_BYTES || piece.byteOffset + piece.length !== byteLength || memory.transfer === undefined)
    return undefined;
  if (byteLength === Buffer.poolSize && piece.length < byteLength / 2) return undefined;
  return () => void memory.transfer?.(0);
}
