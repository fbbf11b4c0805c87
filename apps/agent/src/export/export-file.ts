import { createHash, type Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, open, rm, truncate } from 'node:fs/promises';
import { fileError } from '@sluice/process';
import type { ExportHeader, ExportLine, ExportRange } from './export-line.js';
import { type ExportPosition, readPart } from './read-part.js';

/** Where the lines of an export go: a file, or standard output. */
interface Sink {
  write(bytes: Buffer): Promise<unknown>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * An export that is being written: `FILE.part` until it is complete, then `FILE`. An unfinished one can be continued. What is
 * complete in it is kept, except records, which are read again.
 */
export class ExportFile {
  private records = 0;

  private constructor(
    private readonly sink: Sink,
    private readonly name: string | undefined,
    readonly range: ExportRange,
    /** Where to continue; undefined at the beginning. */
    readonly position: ExportPosition | undefined,
    private readonly hash: Hash,
    private facts: number,
  ) {}

  /** Begins an export. @param name undefined for standard output @throws Error when the file, or an unfinished one, exists */
  static async begin(name: string | undefined, range: ExportRange): Promise<ExportFile> {
    const sink = name === undefined ? standardOutput : await createPart(name);
    const file = new ExportFile(sink, name, range, undefined, createHash('sha256'), 0);
    await file.write({ line: 'export', format: 'sluice-audit-export', version: 1, ...range });
    return file;
  }

  /** Continues an unfinished export. @throws Error if there is no unfinished export in the file */
  static async resume(name: string): Promise<ExportFile> {
    mustNotExist(name);
    const { range, position, facts, hash, end } = await readPart(partOf(name));
    await truncate(partOf(name), end);
    return new ExportFile(await appendTo(partOf(name), 'a'), name, range, position, hash, facts);
  }

  /** How many facts and records it has so far. */
  get counts(): { facts: number; records: number } {
    return { facts: this.facts, records: this.records };
  }

  /** Appends a line. */
  async write(line: ExportHeader | ExportLine): Promise<void> {
    if (line.line === 'fact') this.facts++;
    if (line.line === 'record') this.records++;
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    this.hash.update(bytes);
    await this.sink.write(bytes);
  }

  /** Writes the last line, and gives the file its name. */
  async finish(): Promise<void> {
    await this.write({ line: 'end', ...this.counts, sha256: this.hash.copy().digest('hex') });
    await this.sink.sync();
    await this.close();
    if (this.name === undefined) return;
    await link(partOf(this.name), this.name); // unlike a rename, it replaces nothing
    await rm(partOf(this.name));
  }

  /** Closes the file, unfinished if `finish` was not called. */
  async close(): Promise<void> {
    await this.sink.close();
  }
}

/** The name of an unfinished export. */
const partOf = (name: string): string => `${name}.part`;

function mustNotExist(name: string): void {
  if (existsSync(name)) throw new Error(`${name} exists already: delete it, or choose another name`);
}

async function createPart(name: string): Promise<Sink> {
  mustNotExist(name);
  const part = partOf(name);
  if (existsSync(part)) throw new Error(`${part} is an unfinished export: continue it with --resume, or delete it`);
  return appendTo(part, 'ax');
}

async function appendTo(part: string, flags: 'a' | 'ax'): Promise<Sink> {
  const handle = await open(part, flags, 0o600).catch((cause: Error) => {
    throw new Error(`${part} cannot be written: ${fileError(cause)}`, { cause });
  });
  return { write: (bytes) => handle.writeFile(bytes), sync: () => handle.sync(), close: () => handle.close() };
}

const standardOutput: Sink = {
  write: (bytes) =>
    new Promise<void>((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()))),
  sync: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
