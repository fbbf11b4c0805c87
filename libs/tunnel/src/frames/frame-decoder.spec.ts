import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TunnelError } from '../socket/tunnel-error.js';
import { DATA_LIMIT, encodeFrame, encodeHead, type FrameType, HEAD_LENGTH } from './frame.js';
import { FrameDecoder, type FrameSink } from './frame-decoder.js';

/** `SLUICE_FUZZ_RUNS=100000 npm test -- --project unit frame` makes more runs; `SLUICE_FUZZ_SEED` repeats a run. */
const RUNS = Number(process.env['SLUICE_FUZZ_RUNS'] ?? 500);
const SEED = Number(process.env['SLUICE_FUZZ_SEED']);

type Decoder = new (sink: FrameSink) => Pick<FrameDecoder, 'feed' | 'atBorder'>;

/** Decodes pieces. Each result states how much data came before it. */
function decode(Codec: Decoder, pieces: readonly Buffer[]): { received: string[]; data: string; atBorder: boolean } {
  const received: string[] = [];
  const data: Buffer[] = [];
  const decoder = new Codec({
    onData: (piece) => data.push(Buffer.from(piece)),
    onFrame: (type, body) => received.push(`${Buffer.concat(data).length} ${type} ${body.toString()}`),
  });
  for (const piece of pieces) decoder.feed(piece);
  return { received, data: Buffer.concat(data).toString('hex'), atBorder: decoder.atBorder };
}

type Frame = { readonly type: FrameType; readonly body: string };
const dataFrame = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes): Frame => ({ type: 'data', body: Buffer.from(bytes).toString('hex') }));
const otherFrame = fc.oneof(
  fc.constantFrom<FrameType>('end', 'ping', 'opened', 'settled').map((type): Frame => ({ type, body: '' })),
  fc.string({ maxLength: 40 }).map((message): Frame => ({ type: 'reset', body: JSON.stringify({ message }) })),
);

const encode = ({ type, body }: Frame): Buffer =>
  type === 'data'
    ? Buffer.concat([encodeHead('data', body.length / 2), Buffer.from(body, 'hex')])
    : encodeFrame(type, body === '' ? undefined : JSON.parse(body));

/** The expected result of decoding, computed from the frames without the codec. */
function expected(frames: readonly Frame[]) {
  let data = '';
  const received: string[] = [];
  for (const { type, body } of frames) {
    if (type === 'data') data += body;
    else received.push(`${data.length / 2} ${type} ${body}`);
  }
  return { received, data, atBorder: true };
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((at) => at % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i, all) => bytes.subarray(from, all[i + 1] ?? bytes.length));
}

/** Any split of the bytes over reads gives the frames that were sent. */
const splits = (Codec: Decoder) =>
  fc.check(
    fc.property(
      fc.array(fc.oneof(dataFrame, otherFrame), { maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 40 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(encode));
        expect(decode(Codec, cut(bytes, cuts))).toEqual(expected(frames));
        expect(
          decode(
            Codec,
            [...bytes].map((byte) => Buffer.from([byte])),
          ),
        ).toEqual(expected(frames));
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );

/** A frame longer than its limit is one error, whatever its type. */
const limits = (Codec: Decoder) =>
  fc.check(
    fc.property(fc.constantFrom<FrameType>('data', 'open', 'end', 'settled'), fc.integer({ min: -3, max: 3 }), (type, beyond) => {
      const limit = type === 'data' ? DATA_LIMIT : 4096;
      const attempt = () => decode(Codec, [encodeHead(type, limit + beyond)]);
      if (beyond > 0) expect(attempt).toThrow(TunnelError);
      else expect(attempt).not.toThrow();
    }),
    { numRuns: Math.min(RUNS, 1000), seed: SEED },
  );

const passes = (Codec: Decoder): boolean => !splits(Codec).failed && !limits(Codec).failed;

describe('frames', () => {
  it(`come out the same however the bytes are split (${RUNS} runs, seed ${SEED})`, () => {
    const { failed, seed, counterexample, error } = { error: undefined, ...splits(FrameDecoder) };
    expect(failed, `seed ${seed}: ${JSON.stringify(counterexample)} ${String(error)}`).toBe(false);
    expect(limits(FrameDecoder).failed).toBe(false);
  });

  it('end in one error or in nothing when the bytes are garbage, and never in another exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.array(fc.nat(), { maxLength: 9 }), (bytes, cuts) => {
        try {
          decode(FrameDecoder, cut(Buffer.from(bytes), cuts));
        } catch (error) {
          expect(error).toBeInstanceOf(TunnelError);
        }
      }),
      { numRuns: RUNS * 2, seed: SEED },
    );
  });

  it('produce errors that say what is wrong', () => {
    expect(() => decode(FrameDecoder, [encodeHead('data', DATA_LIMIT + 1)])).toThrow('a data frame of 65537 bytes');
    expect(() => decode(FrameDecoder, [Buffer.from([99, 0, 0, 0])])).toThrow('an unknown frame type 99');
  });
});

describe('these properties', () => {
  /** Forgets the first byte of a head that was split after it. */
  class LosesSplitHeads extends FrameDecoder {
    override feed(chunk: Buffer): void {
      super.feed(this.atBorder && chunk.length < HEAD_LENGTH ? chunk.subarray(1) : chunk);
    }
  }
  /** Merges the data of two frames that arrive in one read. */
  class MergesFrames extends FrameDecoder {
    override feed(chunk: Buffer): void {
      const word = chunk.length >= HEAD_LENGTH ? chunk.readUInt32BE(0) : 0;
      const length = word & 0xffffff;
      if (this.atBorder && word >>> 24 === 4 && chunk.length > HEAD_LENGTH + length) {
        const all = Buffer.concat([
          encodeHead('data', Math.min(DATA_LIMIT, chunk.length - HEAD_LENGTH)),
          chunk.subarray(HEAD_LENGTH),
        ]);
        return super.feed(all);
      }
      super.feed(chunk);
    }
  }
  /** Allows a body to be one byte longer than the limit. */
  class OffByOne extends FrameDecoder {
    override feed(chunk: Buffer): void {
      const word = chunk.length === HEAD_LENGTH ? chunk.readUInt32BE(0) : 0;
      if (this.atBorder && (word & 0xffffff) === DATA_LIMIT + 1) return;
      super.feed(chunk);
    }
  }

  it.each([LosesSplitHeads, MergesFrames, OffByOne])('catch a codec that %o', (Mutant) => {
    expect(passes(Mutant)).toBe(false);
  });

  it('accept the correct codec', () => {
    expect(passes(FrameDecoder)).toBe(true);
  });
});
