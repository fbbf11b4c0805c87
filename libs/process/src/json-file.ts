import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { parseJson } from '@sluice/domain';
import type { z } from 'zod';

/** Thrown for a file whose content does not match its schema: damaged, or written by another release. */
export class MalformedFileError extends Error {
  override readonly name = 'MalformedFileError';
}

/**
 * A JSON file of a process, readable only by its owner. What is read is validated by the schema. At any time the file is
 * either the previous one or the complete new one, even if the disk is full, the process is killed, or another process
 * writes it at the same time.
 */
export class JsonFile<S extends z.ZodType> {
  constructor(
    private readonly path: string,
    private readonly schema: S,
  ) {}

  /**
   * The content of the file; undefined if it does not exist.
   * @throws MalformedFileError if the content does not match the schema, or the system's error if the file cannot be read
   */
  read(): z.output<S> | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const content = parseJson(text);
    const parsed = this.schema.safeParse(content);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const why = content === undefined ? 'it is not JSON' : `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
    throw new MalformedFileError(`${this.path} is malformed: ${why}`, { cause: parsed.error });
  }

  /** The same for content that can be obtained again: also undefined if the file is malformed or cannot be read. */
  readIfUsable(): z.output<S> | undefined {
    try {
      return this.read();
    } catch {
      return undefined;
    }
  }

  /** Replaces the file and syncs it to disk. @throws the system's error if it could not be written; the file is then unchanged */
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

  /** Deletes the file, if it exists. */
  remove(): void {
    rmSync(this.path, { force: true });
  }
}
