import { expect, it } from 'vitest';
import { freeAfterWrite } from './free-after-write.js';

const canFree = 'transfer' in ArrayBuffer.prototype;

it.runIf(canFree)('frees the memory of a chunk after its last piece, whatever came before it', () => {
  const chunk = Buffer.from(new ArrayBuffer(16_384));
  expect(freeAfterWrite(chunk.subarray(0, 16_000))).toBeUndefined();
  freeAfterWrite(chunk.subarray(16_000))?.();
  expect(chunk.length).toBe(0);
});

it('leaves short memory, and what other buffers share', () => {
  expect(freeAfterWrite(Buffer.from(new ArrayBuffer(100)))).toBeUndefined();
  const pooled = Array.from({ length: 4096 }, () => Buffer.allocUnsafe(Buffer.poolSize / 64));
  expect(pooled.some((piece) => piece.byteOffset + piece.length === Buffer.poolSize)).toBe(true);
  expect(pooled.filter((piece) => freeAfterWrite(piece) !== undefined)).toEqual([]);
});
