/** Less is left to the collector. */
const LEAST_BYTES = 8000;

/** `transfer` is there in Node 22 and later. */
type Memory = ArrayBufferLike & { readonly transfer?: (length: number) => ArrayBuffer };

/**
 * What frees the memory of a chunk that a socket read as soon as its last piece was written on: a callback for the write of a
 * piece. The next read then finds that memory still in the processor's cache, and no collection is needed for it. Undefined
 * for a piece that is not the last, because behind it may be what is still needed, and for memory that is shared: short
 * buffers of any kind are cut from one of `Buffer.poolSize`.
 */
export function freeAfterWrite(piece: Buffer): (() => void) | undefined {
  const memory = piece.buffer as Memory;
  const { byteLength } = memory;
  if (byteLength < LEAST_BYTES || piece.byteOffset + piece.length !== byteLength || memory.transfer === undefined)
    return undefined;
  if (byteLength === Buffer.poolSize && piece.length < byteLength / 2) return undefined;
  return () => void memory.transfer?.(0);
}
