import { constants, write } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** With O_DSYNC a write returns when the data is on disk, which saves the separate call of fdatasync. */
const DURABLE_APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND | constants.O_DSYNC;
/** Bytes of lines after which a new segment begins. The limit is higher for a segment whose head, which repeats the open sessions, is longer than this. */
export const SEGMENT_BYTES = 4 * 1024 * 1024;
export const SEGMENT_NAME = /^(\d{12})\.journal$/;
export const DRAFT_NAME = /^\d{12}\.journal\.new$/;

/** A file of the journal. */
export interface Segment {
  readonly file: string;
  /** Number of the last fact in it; 0 while it has none. */
  last: number;
}

/** A new segment that contains only its head. */
interface Begun {
  readonly file: string;
  readonly handle: FileHandle;
  readonly room: number;
}

/** The files of a journal. Lines are appended to the last segment; older segments are kept until all their facts are stored. */
export class SegmentFiles {
  private current: FileHandle | undefined;
  /** Bytes that may be written before a new segment should begin. */
  private room = 0;
  private through = 0;
  private dropping = false;

  private constructor(
    private readonly folder: string,
    /** Kept open, so that a change of segments needs only one new file descriptor. */
    private readonly directory: FileHandle,
    private readonly segments: Segment[],
    private readonly segmentBytes: number,
  ) {}

  /** @param segments the segments that an earlier run left, oldest first */
  static async open(folder: string, segments: Segment[], segmentBytes: number): Promise<SegmentFiles> {
    return new SegmentFiles(folder, await open(folder, 'r'), segments, segmentBytes);
  }

  /** Whether a new segment should begin. */
  get full(): boolean {
    return this.room < 0;
  }

  /** Appends to the last segment durably. @throws Error when the write failed, after which the content of the file is unknown */
  async write(lines: readonly Buffer[], lastNumber: number): Promise<void> {
    const bytes = lines.length === 1 ? (lines[0] as Buffer) : Buffer.concat(lines);
    await writeAll(this.current as FileHandle, bytes);
    this.room -= bytes.length;
    const segment = this.segments.at(-1) as Segment;
    segment.last = Math.max(segment.last, lastNumber);
  }

  /**
   * Creates the next segment. The file is renamed to its final name after the head is written, so that a replay never finds a
   * segment with an incomplete head.
   * @throws Error when that is not possible at present; the current segment can still be written
   */
  async begin(head: Buffer): Promise<Begun> {
    const file = path.join(this.folder, `${String(this.nextSegment()).padStart(12, '0')}.journal`);
    const handle = await open(`${file}.new`, DURABLE_APPEND, 0o600);
    try {
      await writeAll(handle, head);
      await rename(`${file}.new`, file);
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw error;
    }
    return { file, handle, room: Math.max(this.segmentBytes, head.length) };
  }

  /** Appends to this new segment from now on. @throws Error when its name could not be made durable */
  async use({ file, handle, room }: Begun): Promise<void> {
    await this.directory.sync();
    await this.current?.close();
    this.current = handle;
    this.room = room;
    this.segments.push({ file, last: 0 });
  }

  /** Continues with the current segment for a while, because the next could not be created. */
  postpone(): void {
    this.room = this.segmentBytes / 8;
  }

  /**
   * Removes the segments whose facts are all stored, oldest first. If one cannot be removed, it and all later ones are kept
   * until the next call.
   */
  async dropThrough(number: number): Promise<void> {
    this.through = Math.max(this.through, number);
    if (this.dropping) return;
    this.dropping = true;
    try {
      for (
        let first = this.segments[0];
        first && this.segments.length > 1 && first.last <= this.through;
        first = this.segments[0]
      ) {
        await rm(first.file, { force: true });
        this.segments.shift();
      }
    } catch {
      // a segment that remains is removed by a later call, or after the next start
    } finally {
      this.dropping = false;
    }
  }

  async close(): Promise<void> {
    await this.current?.close();
    await this.directory.close();
  }

  private nextSegment(): number {
    const last = this.segments.at(-1);
    return last === undefined ? 1 : Number(SEGMENT_NAME.exec(path.basename(last.file))?.[1]) + 1;
  }
}

/** Uses the callback API: a write of `node:fs/promises` takes the event loop a third longer. */
function writeAll({ fd }: FileHandle, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const writeFrom = (at: number): void =>
      write(fd, bytes, at, bytes.length - at, null, (error, written) => {
        if (error) reject(error);
        else if (at + written < bytes.length) writeFrom(at + written);
        else resolve();
      });
    writeFrom(0);
  });
}
