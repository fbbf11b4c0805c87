import { TunnelError } from '../socket/tunnel-error.js';
import { CONTROL_LIMIT, DATA_LIMIT, frameName, type FrameType, HEAD_LENGTH } from './frame.js';

/** Receives decoded frames. Data is passed on in pieces as it arrives, without being copied or buffered. */
export interface FrameSink {
  onData(piece: Buffer): void;
  onFrame(type: Exclude<FrameType, 'data'>, body: Buffer): void;
}

/** Decodes a stream of bytes into frames. The result does not depend on how the bytes are split over calls. */
export class FrameDecoder {
  /** The bytes so far of a head that was split, as a number. */
  private head = 0;
  private headLength = 0;
  private type: FrameType | undefined;
  private remaining = 0;
  private body: Buffer[] = [];

  constructor(private readonly sink: FrameSink) {}

  /** Whether the bytes so far end at the boundary of a frame. */
  get atBorder(): boolean {
    return this.headLength === 0 && this.type === undefined;
  }

  /** Decodes the next bytes. @throws TunnelError `bad-frame` for an unknown type or a length over the limit */
  feed(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.type === undefined && this.headLength === 0 && chunk.length - at >= HEAD_LENGTH) {
        this.begin(chunk.readUInt32BE(at));
        at += HEAD_LENGTH;
      } else if (this.type === undefined) {
        this.head = this.head * 256 + chunk.readUInt8(at++);
        if (++this.headLength === HEAD_LENGTH) this.begin(this.head);
      } else {
        const piece = at === 0 && chunk.length <= this.remaining ? chunk : chunk.subarray(at, at + this.remaining);
        at += piece.length;
        this.remaining -= piece.length;
        if (this.type === 'data') this.sink.onData(piece);
        else this.body.push(piece);
      }
      if (this.type !== undefined && this.remaining === 0) this.finish();
    }
  }

  private begin(word: number): void {
    const type = frameName(word >>> 24);
    const length = word & 0xffffff;
    if (type === undefined) throw new TunnelError('bad-frame', `an unknown frame type ${word >>> 24}`);
    if (length > (type === 'data' ? DATA_LIMIT : CONTROL_LIMIT))
      throw new TunnelError('bad-frame', `a ${type} frame of ${length} bytes`);
    this.head = 0;
    this.headLength = 0;
    this.type = type;
    this.remaining = length;
  }

  private finish(): void {
    const type = this.type as FrameType;
    this.type = undefined;
    if (type === 'data') return;
    const body = this.body;
    this.body = [];
    this.sink.onFrame(type, body.length === 1 ? (body[0] as Buffer) : Buffer.concat(body));
  }
}
