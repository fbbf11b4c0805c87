import { createHash } from 'node:crypto';

/** Longest line that is read. A fact has at most 128 KiB, and is longer as a string in JSON. */
const MAX_LINE_BYTES = 1024 * 1024;
const LINE_FEED = 0x0a;

/** A line of an export. */
export interface RawLine {
  /** From 1. */
  readonly number: number;
  /** Undefined if the line is too long or not UTF-8. */
  readonly text: string | undefined;
  /** Whether a line feed follows. */
  readonly complete: boolean;
}

/** Reads an export line by line, keeping at most one line in memory. */
export class LineReader {
  private readonly hash = createHash('sha256');
  private parts: Uint8Array[] = [];
  private length = 0;
  private number = 0;

  constructor(private readonly stream: AsyncIterable<Uint8Array>) {}

  /** SHA-256 of all bytes before the line that was read last, in hexadecimal. */
  get hashBefore(): string {
    return this.hash.copy().digest('hex');
  }

  async *lines(): AsyncGenerator<RawLine> {
    for await (const chunk of this.stream) {
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
        this.take(chunk.subarray(from, end));
        yield this.line(true);
        this.begin();
        from = end + 1;
      }
      this.take(chunk.subarray(from));
    }
    if (this.length > 0) yield this.line(false);
  }

  private take(part: Uint8Array): void {
    this.length += part.length;
    this.parts.push(part);
    if (this.length > MAX_LINE_BYTES) for (const dropped of this.parts.splice(0)) this.hash.update(dropped);
  }

  private line(complete: boolean): RawLine {
    const text = this.length > MAX_LINE_BYTES ? undefined : decode(Buffer.concat(this.parts));
    return { number: ++this.number, text, complete };
  }

  private begin(): void {
    for (const part of this.parts.splice(0)) this.hash.update(part);
    this.hash.update('\n');
    this.length = 0;
  }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
