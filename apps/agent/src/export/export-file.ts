import { createHash, type Hash } from 'node:crypto';
import { chainKey, droppedIn, type ExportHeader, type ExportLine, type ExportRange } from './export-line.js';
import { mustNotExist, PartFile, partOf } from './part-file.js';
import { type ExportPosition, readPart } from './read-part.js';

/** An export that is being written. An unfinished one can be continued: what is complete in it is kept, except records, which are read again. */
export class ExportFile {
  private records = 0;

  private constructor(
    private readonly file: PartFile,
    readonly range: ExportRange,
    /** Where to continue; undefined at the beginning. */
    readonly position: ExportPosition | undefined,
    private readonly hash: Hash,
    private facts: number,
    /** Up to which number each chain in the file was dropped when it was written. */
    readonly droppedThrough: Map<string, number>,
  ) {}

  /** Begins an export. @param name undefined for standard output @throws Error when the file, or an unfinished one, exists */
  static async begin(name: string | undefined, range: ExportRange): Promise<ExportFile> {
    const file = new ExportFile(await PartFile.begin(name), range, undefined, createHash('sha256'), 0, new Map());
    await file.write({ line: 'export', format: 'sluice-audit-export', version: 1, ...range });
    return file;
  }

  /** Continues an unfinished export. @throws Error if there is no unfinished export in the file */
  static async resume(name: string): Promise<ExportFile> {
    mustNotExist(name);
    const { range, position, facts, hash, end, droppedThrough } = await readPart(partOf(name));
    return new ExportFile(await PartFile.continue(name, end), range, position, hash, facts, droppedThrough);
  }

  /** How many facts and records it has so far. */
  get counts(): { facts: number; records: number } {
    return { facts: this.facts, records: this.records };
  }

  /** Appends a line. */
  async write(line: ExportHeader | ExportLine): Promise<void> {
    if (line.line === 'fact') this.facts++;
    if (line.line === 'record') this.records++;
    if (line.line === 'chain') this.droppedThrough.set(chainKey(line), droppedIn(line));
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    this.hash.update(bytes);
    await this.file.write(bytes);
  }

  /** Writes the last line, and gives the file its name. */
  async finish(): Promise<void> {
    await this.write({ line: 'end', ...this.counts, sha256: this.hash.copy().digest('hex') });
    await this.file.finish();
  }

  /** Closes the unfinished file. There is none if nothing follows its first line: there would be nothing in it to continue. */
  async close(): Promise<void> {
    await this.file.close();
  }
}
