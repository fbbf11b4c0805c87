import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TunnelError } from '../tunnel-error.js';
import { DATA_LIMIT, encodeFrame, encodeHead, type FrameType } from './frame.js';
import { FrameDecoder } from './frame-decoder.js';

interface Heard {
  readonly type: FrameType;
  readonly body: string;
}

/** Decodes pieces; data that belongs to one frame in the stream is joined again by its neighbours. */
function decode(pieces: Buffer[]): { heard: Heard[]; data: Buffer; atBorder: boolean } {
  const heard: Heard[] = [];
  const data: Buffer[] = [];
  const decoder = new FrameDecoder({
    onData: (piece) => data.push(Buffer.from(piece)),
    onFrame: (type, body) => heard.push({ type, body: `${Buffer.concat(data).length}:${body.toString()}` }),
  });
  for (const piece of pieces) decoder.feed(piece);
  return { heard, data: Buffer.concat(data), atBorder: decoder.atBorder };
}

const dataFrame = (bytes: Uint8Array) => Buffer.concat([encodeHead('data', bytes.length), bytes]);
const anyFrame = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map(dataFrame),
  fc.constantFrom('end', 'ping', 'opened').map((type) => encodeFrame(type as 'end')),
  fc
    .record({ reason: fc.string({ maxLength: 20 }), message: fc.string({ maxLength: 40 }) })
    .map((body) => encodeFrame('reset', body)),
);

function cut(bytes: Buffer, cuts: number[]): Buffer[] {
  const places = [...new Set(cuts.map((at) => at % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i, all) => bytes.subarray(from, all[i + 1] ?? bytes.length));
}

describe('frames', () => {
  it('come out the same however the bytes are split', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 40 }), (frames, cuts) => {
        const bytes = Buffer.concat(frames);
        expect(decode(cut(bytes, cuts))).toEqual(decode([bytes]));
        expect(decode([...bytes].map((byte) => Buffer.from([byte])))).toEqual(decode([bytes]));
        expect(decode([bytes]).atBorder).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('end in one error or in nothing when the bytes are garbage, and never in another exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        try {
          decode([Buffer.from(bytes)]);
        } catch (error) {
          expect(error).toBeInstanceOf(TunnelError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('have limits', () => {
    expect(() => decode([encodeHead('data', DATA_LIMIT)])).not.toThrow();
    expect(() => decode([encodeHead('data', DATA_LIMIT + 1)])).toThrow('a data frame of 65537 bytes');
    expect(() => decode([encodeHead('open', 4097)])).toThrow('a open frame of 4097 bytes');
    expect(() => decode([Buffer.from([99, 0, 0, 0])])).toThrow('an unknown frame type 99');
  });
});
