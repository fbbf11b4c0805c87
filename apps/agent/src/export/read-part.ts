import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseJson } from '@sluice/domain';
import { z } from 'zod';
import { chainKey, droppedIn, ExportHeader, ExportLine, type ExportRange, isCsvHeader } from './export-line.js';

/** Where an export continues: within the chain that was read last, or after it. */
export interface ExportPosition {
  readonly author: string;
  readonly incarnation: string;
  /** Number of the next fact; greater than `to` when the chain is complete. */
  readonly next: number;
  readonly to: number;
}

/** What an unfinished export has. */
export interface Part {
  readonly range: ExportRange;
  readonly position: ExportPosition | undefined;
  readonly facts: number;
  /** The hash of what is kept. */
  readonly hash: Hash;
  /** Length of what is kept, in bytes: all complete lines before the first record. */
  readonly end: number;
  /** Up to which number each of its chains was dropped when it was written. */
  readonly droppedThrough: Map<string, number>;
}

const Body = z.object({ number: z.int() });

/** Reads an unfinished export. Its last line may be torn, so it is not kept. @throws Error when there is nothing to continue */
export async function readPart(part: string): Promise<Part> {
  const reader = new PartReader(part);
  const stream = createReadStream(part, 'latin1'); // one character a byte
  try {
    let before: string | undefined;
    for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
      if (before !== undefined && !reader.take(Buffer.from(`${before}\n`, 'latin1'))) break;
      before = text;
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw new Error(`there is no unfinished export ${part}`, { cause });
    throw cause;
  } finally {
    stream.destroy();
  }
  return reader.result;
}

class PartReader {
  private readonly hash = createHash('sha256');
  private range: ExportRange | undefined;
  private position: ExportPosition | undefined;
  private facts = 0;
  private end = 0;
  private readonly droppedThrough = new Map<string, number>();

  constructor(private readonly part: string) {}

  /** Takes a line. @returns false if it is the first that is not kept */
  take(bytes: Buffer): boolean {
    const value = parseJson(bytes.toString());
    if (this.range === undefined) this.range = this.readHeader(value, bytes.toString());
    else {
      const line = ExportLine.safeParse(value).data;
      if (!line || line.line === 'record' || line.line === 'end') return false;
      if (line.line === 'fact') this.facts++;
      if (line.line === 'chain') {
        this.position = { ...line, next: line.from };
        this.droppedThrough.set(chainKey(line), droppedIn(line));
      } else if (this.position) this.position = { ...this.position, next: nextOf(line) };
    }
    this.hash.update(bytes);
    this.end += bytes.length;
    return true;
  }

  get result(): Part {
    const { range, position, facts, hash, end, droppedThrough } = this;
    if (!range)
      throw new Error(
        `${this.part} has nothing to continue: the export was interrupted before its first line. Begin again without --resume`,
      );
    return { range, position, facts, hash, end, droppedThrough };
  }

  private readHeader(value: unknown, text: string): ExportRange {
    if (isCsvHeader(text)) throw new Error(`${this.part} is an unfinished export as CSV, which cannot be continued: delete it`);
    const header = ExportHeader.safeParse(value).data;
    if (header?.version !== 1) throw new Error(`${this.part} is not an unfinished export`);
    const { authority, authorities, since, until, exportedAt } = header;
    return { authority, ...(authorities && { authorities }), since, until, exportedAt };
  }
}

function nextOf(line: Extract<ExportLine, { line: 'fact' | 'digest' | 'missing' }>): number {
  switch (line.line) {
    case 'fact':
      return Body.parse(parseJson(line.body)).number + 1;
    case 'digest':
      return line.number + 1;
    case 'missing':
      return line.to + 1;
  }
}
