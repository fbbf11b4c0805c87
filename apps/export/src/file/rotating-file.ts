import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { lockFile } from '@sluice/process/lock';

/** When a file is replaced by a new one, and how many old ones are left. */
export interface RotationOptions {
  readonly maxBytes: number;
  /** In milliseconds, counted from when the file was created. */
  readonly maxAgeMs: number;
  /** How many replaced files are kept; all if undefined. */
  readonly keep: number | undefined;
  /** How each line begins. */
  readonly lineStart: string;
}

const APPEND = constants.O_CREAT | constants.O_APPEND | constants.O_RDWR | constants.O_NOFOLLOW;
const MODE = 0o600;
/** How much of a file is read from its end at a time, to find the last line break. */
const CHUNK = 64 * 1024;

/**
 * A file of lines, 0600, of which one process at a time is the writer. What was appended is on the disk, and lines are whole: what a
 * kill or a full disk has left of a line is removed. A file that ends with any other text belongs to another program and is not
 * opened. A file that is too large or too old is renamed to `NAME.<time>.EXTENSION`.
 */
export class RotatingFile {
  private constructor(
    private readonly file: string,
    private readonly options: RotationOptions,
    private readonly unlock: () => void,
  ) {}

  /** @throws Error if another process writes to the file, or it cannot be written */
  static async open(file: string, options: RotationOptions): Promise<RotatingFile> {
    const unlock = lockFile(`${file}.lock`);
    if (unlock === undefined) throw new Error(`another process writes to ${file}`);
    const opened = new RotatingFile(file, options, unlock);
    try {
      const handle = await opened.openEnd();
      await handle.close();
    } catch (error) {
      unlock();
      throw error;
    }
    return opened;
  }

  /** Appends lines, which have no line break, and syncs them to the disk. @throws the system's error; the file then ends as before */
  async append(lines: readonly string[], now: Date): Promise<void> {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    await this.rotateIfDue(bytes.length, now);
    const handle = await this.openEnd();
    try {
      const { size } = await handle.stat();
      try {
        await handle.appendFile(bytes);
        await handle.datasync();
      } catch (error) {
        await handle.truncate(size).catch(() => undefined); // otherwise the next append removes the torn line
        throw error;
      }
    } finally {
      await handle.close();
    }
  }

  close(): void {
    this.unlock();
  }

  /** Opens the file behind its last whole line. */
  private async openEnd(): Promise<FileHandle> {
    const existed = await stat(this.file).catch(() => undefined);
    const handle = await open(this.file, APPEND, MODE);
    try {
      const { size } = await handle.stat();
      const end = await endOfLines(handle, size);
      if (end < size) {
        await this.checkTorn(handle, end, size);
        await handle.truncate(end);
      }
      if (existed === undefined) await syncFolder(path.dirname(this.file));
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** @throws Error if what is behind the last line is not the beginning of one of ours */
  private async checkTorn(handle: FileHandle, end: number, size: number): Promise<void> {
    const { lineStart } = this.options;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(lineStart.length, size - end)), { position: end });
    if (lineStart.startsWith(buffer.toString('utf8', 0, bytesRead))) return;
    throw new Error(`${this.file} ends with text that no export has written; choose another file`);
  }

  private async rotateIfDue(coming: number, now: Date): Promise<void> {
    const found = await stat(this.file).catch(() => undefined);
    if (found === undefined || found.size === 0) return;
    const age = now.getTime() - (found.birthtimeMs || found.mtimeMs);
    if (found.size + coming <= this.options.maxBytes && age < this.options.maxAgeMs) return;
    const { dir, name, ext } = path.parse(this.file);
    const time = now.toISOString().replace(/[-:]/g, '');
    const target = path.join(dir, `${name}.${time}${ext}`);
    if (await stat(target).catch(() => undefined)) return; // within the same millisecond: the next time will do
    await rename(this.file, target);
    await syncFolder(dir);
    const { keep } = this.options;
    if (keep === undefined) return;
    for (const old of (await this.replaced()).slice(0, -keep || undefined)) await rm(old, { force: true });
  }

  /** The files that were replaced, oldest first. */
  private async replaced(): Promise<string[]> {
    const { dir, name, ext } = path.parse(this.file);
    const own = (file: string): boolean =>
      file.startsWith(`${name}.`) &&
      file.endsWith(ext) &&
      /^\d{8}T\d{6}\.\d{3}Z$/.test(file.slice(name.length + 1, file.length - ext.length));
    return (await readdir(dir || '.'))
      .filter(own)
      .sort()
      .map((file) => path.join(dir, file));
  }
}

/** Where the last whole line of a file ends. */
async function endOfLines(handle: FileHandle, size: number): Promise<number> {
  const chunk = Buffer.alloc(Math.min(CHUNK, size));
  for (let end = size; end > 0; end -= chunk.length) {
    const start = Math.max(0, end - chunk.length);
    const { bytesRead } = await handle.read(chunk, 0, end - start, start);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(0x0a);
    if (at !== -1) return start + at + 1;
  }
  return 0;
}

/** Makes a file's new name durable. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder || '.', 'r');
  await handle.sync().finally(() => handle.close());
}
