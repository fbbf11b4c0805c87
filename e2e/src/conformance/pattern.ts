import { createHash } from 'node:crypto';

/** Bytes of a stream of a test: the same for everybody, and of a length that no buffer's size divides, so that a piece lost, doubled or out of place shows. */
const PERIOD = makePeriod(1_048_583);

function makePeriod(length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 0; i * 64 < length; i++) blocks.push(createHash('sha512').update(`sluice ${i}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

/** At most `most` bytes of the stream from an offset on. */
export function patternAt(offset: number, most: number): Buffer {
  const from = offset % PERIOD.length;
  return PERIOD.subarray(from, Math.min(PERIOD.length, from + most));
}

/** Whether these are the stream's bytes at an offset. */
export function isPattern(bytes: Buffer, offset: number): boolean {
  for (let at = 0; at < bytes.length;) {
    const wanted = patternAt(offset + at, bytes.length - at);
    if (!wanted.equals(bytes.subarray(at, at + wanted.length))) return false;
    at += wanted.length;
  }
  return true;
}
