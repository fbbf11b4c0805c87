import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { z } from 'zod';

/** Thrown for a file that is there but does not hold what its schema describes: damaged, or written by another release. */
export class MalformedFileError extends Error {
  override readonly name = 'MalformedFileError';
}

/**
 * A JSON file in which a process keeps something of its own, readable by its owner alone. What is read has passed the schema.
 * At any moment the file is the previous one or the whole new one: also where the disk is full, the process is killed, or
 * another process writes it at the same time.
 */
export class JsonFile<S extends z.ZodType> {
  constructor(
    private readonly path: string,
    private readonly schema: S,
  ) {}

  /**
   * What the file holds; undefined where there is no file.
   * @throws MalformedFileError for content that does not fit the schema, or the system's error when the file cannot be read
   */
  read(): z.output<S> | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return this.schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new MalformedFileError(`${this.path} is malformed: ${(cause as Error).message}`, { cause });
    }
  }

  /** The same for something that can be had again: undefined also where the file is malformed or cannot be read. */
  readIfUsable(): z.output<S> | undefined {
    try {
      return this.read();
    } catch {
      return undefined;
    }
  }

  /** Replaces the file and syncs it to disk. @throws the system's error when it could not be written; the file is as it was */
  write(content: z.input<S>): void {
    const draft = `${this.path}.${process.pid}.new`;
    rmSync(draft, { force: true }); // left by an earlier process with this pid: it may have other permissions
    try {
      const handle = openSync(draft, 'wx', 0o600);
      try {
        writeFileSync(handle, JSON.stringify(content, null, 2));
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(draft, this.path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  }

  /** Deletes the file, if it is there. */
  remove(): void {
    rmSync(this.path, { force: true });
  }
}
