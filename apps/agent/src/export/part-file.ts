import { existsSync } from 'node:fs';
import { link, open, rm, truncate } from 'node:fs/promises';
import { fileError } from '@sluice/process';
import { isCsvHeader } from './export-line.js';

/** Where an export is written: a file, or standard output. */
interface Sink {
  write(bytes: Buffer): Promise<unknown>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The longest first line that is looked for, in bytes: that of an export has a certificate. */
const FIRST_LINE_BYTES = 64 * 1024;
/** How the first line of an export begins, as `ExportFile` and `writeCsv` write it. */
const FIRST_LINE = '{"line":"export",';
const CSV_HEADER = 'id,';

/**
 * A file that has its name only when it is complete: until then it is `FILE.part`. That is created when there is more than what is
 * written first, so that a file with nothing to continue is never left behind, and never taken from whoever writes it. Standard output
 * has no name, and no part.
 */
export class PartFile {
  /** What was written first, until there is more. */
  private first: Buffer | undefined;

  private constructor(
    private readonly name: string | undefined,
    private sink: Sink | undefined,
  ) {}

  /** Begins a file. @param name undefined for standard output @throws Error when the file, or an unfinished one, exists */
  static async begin(name: string | undefined): Promise<PartFile> {
    if (name === undefined) return new PartFile(name, standardOutput);
    mustNotExist(name);
    const part = partOf(name);
    if (existsSync(part)) await replacePart(part);
    return new PartFile(name, undefined);
  }

  /** Continues an unfinished file. @param end how many bytes of it are kept */
  static async continue(name: string, end: number): Promise<PartFile> {
    await truncate(partOf(name), end);
    return new PartFile(name, await appendTo(partOf(name), 'a'));
  }

  /** Appends bytes. @throws Error also if somebody else has begun the file meanwhile */
  async write(bytes: Buffer): Promise<void> {
    if (this.sink) await this.sink.write(bytes);
    else if (this.first) await this.create(this.first, bytes);
    else this.first = bytes;
  }

  /** Gives the file its name. */
  async finish(): Promise<void> {
    const sink = this.sink ?? (await this.create(this.first ?? Buffer.alloc(0)));
    await sink.sync();
    await sink.close();
    if (this.name === undefined) return;
    await link(partOf(this.name), this.name); // unlike a rename, it replaces nothing
    await rm(partOf(this.name));
  }

  /** Closes the unfinished file, if there is one. */
  async close(): Promise<void> {
    await this.sink?.close();
  }

  /** Closes the file, and removes what there is of it. */
  async discard(): Promise<void> {
    await this.close();
    if (this.name !== undefined && this.sink) await rm(partOf(this.name), { force: true });
  }

  private async create(...pieces: Buffer[]): Promise<Sink> {
    this.sink = await appendTo(partOf(this.name as string), 'ax');
    await this.sink.write(Buffer.concat(pieces));
    return this.sink;
  }
}

/** The name of an unfinished file. */
export const partOf = (name: string): string => `${name}.part`;

/** @throws Error if there is a file of this name */
export function mustNotExist(name: string): void {
  if (existsSync(name)) throw new Error(`${name} exists already: delete it, or choose another name`);
}

/** Removes what an export left that was interrupted before it had more than its first line, so that nothing can be continued. @throws Error for anything else */
async function replacePart(part: string): Promise<void> {
  const { line, isAll } = await firstLine(part);
  if (!isOfExport(line))
    throw new Error(`${part} is in the way, and is not an unfinished export: rename it, or choose another name`);
  if (isAll) return rm(part);
  if (isCsvHeader(line)) throw new Error(`${part} is an unfinished export as CSV, which cannot be continued: delete it`);
  throw new Error(`${part} is an unfinished export: continue it with --resume, or delete it`);
}

/** Whether the first line of a file, of which only a beginning may have been written, is that of an export. */
const isOfExport = (line: string): boolean =>
  isCsvHeader(line) || line.startsWith(FIRST_LINE.slice(0, line.length)) || CSV_HEADER.startsWith(line);

/** The first line of a file, and whether no other follows. */
async function firstLine(file: string): Promise<{ line: string; isAll: boolean }> {
  const handle = await open(file).catch(cannotBeWritten(file));
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(FIRST_LINE_BYTES));
    const end = buffer.subarray(0, bytesRead).indexOf('\n');
    const isAll = bytesRead < FIRST_LINE_BYTES && (end < 0 || end === bytesRead - 1);
    return { line: buffer.toString('utf8', 0, end < 0 ? bytesRead : end), isAll };
  } finally {
    await handle.close();
  }
}

async function appendTo(part: string, flags: 'a' | 'ax'): Promise<Sink> {
  const handle = await open(part, flags, 0o600).catch(cannotBeWritten(part));
  return { write: (bytes) => handle.writeFile(bytes), sync: () => handle.sync(), close: () => handle.close() };
}

const cannotBeWritten = (file: string) => (cause: Error) => {
  throw new Error(`${file} cannot be written: ${fileError(cause)}`, { cause });
};

const standardOutput: Sink = {
  write: (bytes) =>
    new Promise<void>((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()))),
  sync: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
