import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { type Envelope, factType, type SessionCheckpoint } from '@sluice/contracts';
import { decodeLines, encodeLine, type JournalLine, type OpenSession } from './journal-line.js';
import { lockFolder } from './lock-folder.js';
import { hashFact, type JournalFact, JournalState } from './journal-state.js';

/** A write returns when it is on the disk (O_DSYNC): one step where write and fdatasync would be two. */
const DURABLE_APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | constants.O_DSYNC;
/** Of facts, before another segment begins; more where the head, which repeats the open sessions, is longer than that. */
const SEGMENT_BYTES = 4 * 1024 * 1024;
const SEGMENT_NAME = /^(\d{12})\.journal$/;

interface Segment {
  readonly file: string;
  /** Number of the last fact in it; 0 while it has none. */
  last: number;
  /** Bytes that may still be written to it. */
  room: number;
}

interface Waiting {
  readonly line: Buffer;
  /** Number of the fact in it; 0 for a checkpoint. */
  readonly number: number;
  /** Takes the line into account, now that it is durable. */
  readonly apply: () => void;
  readonly done: (error?: Error) => void;
}

/**
 * The relay's journal: a fact gets its number and hash here, before anybody hears of it.
 *
 *   append ──► numbered, hashed ──► written durably with all that wait (group commit) ──► published
 *                                                             segment dropped ◄── "stored through N"
 *
 * `state` is what stands on the disk: the writer alone moves it on, so that the head of a segment never tells of a fact that
 * was not written. What the next fact will be is `numbering`.
 *
 * A failed write is final: from then on nothing is appended, and `onFailure` is told. Whoever opens it after a crash gets the facts that were not
 * yet stored and the sessions that were never closed.
 */
export class Journal {
  private waiting: Waiting[] = [];
  private writing = false;
  private unstoredBytes = 0;
  private file: FileHandle | undefined;
  private failure: Error | undefined;
  private readonly numbering: { next: number; previous: string };
  private readonly facts = new Map<number, JournalFact>();

  private constructor(
    private readonly folder: string,
    private readonly state: JournalState,
    private readonly segments: Segment[],
    /** Whether this incarnation begins with this run. */
    readonly fresh: boolean,
    private readonly unlock: () => void,
    private readonly onFact: (fact: JournalFact) => void,
    private readonly onFailure: (error: Error) => void,
  ) {
    this.numbering = { next: state.next, previous: state.previous };
  }

  /**
   * Opens the journal in a folder, or begins a new incarnation where there is none of this node. It is this process's until
   * it is closed. @throws Error when another process has it
   */
  static async open(
    folder: string,
    node: string,
    onFact: (fact: JournalFact) => void,
    onFailure: (error: Error) => void = () => undefined,
  ): Promise<Journal> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const unlock = lockFolder(folder);
    const names = (await readdir(folder)).filter((name) => SEGMENT_NAME.test(name)).sort();
    const found = await replay(folder, names, node);
    const journal = new Journal(
      folder,
      found?.state ?? new JournalState(node, randomUUID()),
      found?.segments ?? [],
      found === undefined,
      unlock,
      onFact,
      onFailure,
    );
    for (const fact of found?.facts ?? []) journal.hold(fact);
    await journal.beginSegment();
    return journal;
  }

  get incarnation(): string {
    return this.state.incarnation;
  }

  /** Sessions that were opened and not closed, with their last checkpoint. */
  get openSessions(): OpenSession[] {
    return [...this.state.open.values()];
  }

  /** Facts that nobody has said to be stored, oldest first. */
  get unstored(): IterableIterator<JournalFact> {
    return this.facts.values();
  }

  /** Bytes of facts that are not stored yet. */
  get backlogBytes(): number {
    return this.unstoredBytes;
  }

  /** Why nothing can be appended any more; undefined while all is well. */
  get failed(): Error | undefined {
    return this.failure;
  }

  /** Appends a fact to the chain. Resolves when it is durable. @throws Error when the journal has failed. */
  append(subject: string, sessionId: string | undefined, data: unknown, now: Date): Promise<JournalFact> {
    if (this.failure) return Promise.reject(this.failure);
    const number = this.numbering.next;
    const id = `${this.incarnation}-${number}`;
    const envelope: Envelope = { ...this.envelope(id, subject, sessionId, now), number, previous: this.numbering.previous, data };
    const body = JSON.stringify(envelope);
    const fact = { number, id, subject, bytes: Buffer.from(body) };
    const hash = hashFact(fact.bytes);
    this.numbering.next = number + 1;
    this.numbering.previous = hash;
    const apply = () => this.state.takeFact(number, hash, envelope.type, data);
    return new Promise((resolve, reject) => {
      const done = (error?: Error) => {
        if (error) return reject(error);
        this.hold(fact);
        this.onFact(fact);
        resolve(fact);
      };
      this.waiting.push({ line: encodeLine({ line: 'fact', number, id, subject, body }), number, apply, done });
      void this.write();
    });
  }

  /** Notes bytes so far, outside the chain. @returns the fact's bytes, for whoever wants to publish them. */
  checkpoint(subject: string, data: SessionCheckpoint, now: Date): Buffer {
    const line: JournalLine = { line: 'checkpoint', data };
    if (!this.failure) {
      this.waiting.push({ line: encodeLine(line), number: 0, apply: () => this.state.apply(line), done: () => undefined });
      void this.write();
    }
    return Buffer.from(JSON.stringify({ ...this.envelope(randomUUID(), subject, data.sessionId, now), data }));
  }

  /** The audit service has every fact up to this number: what is older may go. */
  async storedThrough(incarnation: string, through: number): Promise<void> {
    if (incarnation !== this.incarnation) return;
    for (const number of this.facts.keys()) {
      if (number > through) break;
      this.unstoredBytes -= this.facts.get(number)?.bytes.length ?? 0;
      this.facts.delete(number);
    }
    const done = this.segments.slice(0, -1).filter((segment) => segment.last <= through);
    for (const segment of done) {
      this.segments.splice(this.segments.indexOf(segment), 1);
      await rm(segment.file, { force: true }).catch(() => undefined); // replayed and dropped again at the next start
    }
  }

  /** Waits until everything appended is durable, and closes the file. */
  async close(): Promise<void> {
    while (this.writing || this.waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await this.file?.close();
    this.unlock();
  }

  private envelope(id: string, subject: string, sessionId: string | undefined, now: Date): Omit<Envelope, 'data'> {
    return {
      specversion: '1.0',
      id,
      source: `sluice://relays/${this.state.node}`,
      type: factType(subject),
      time: now.toISOString(),
      ...(sessionId === undefined ? {} : { subject: sessionId }),
      datacontenttype: 'application/json',
      node: this.state.node,
      incarnation: this.incarnation,
    };
  }

  private hold(fact: JournalFact): void {
    this.facts.set(fact.number, fact);
    this.unstoredBytes += fact.bytes.length;
  }

  /** One writer: takes all that waits, writes it, makes it durable, tells everybody. */
  private async write(): Promise<void> {
    if (this.writing) return;
    this.writing = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        if (this.failure) throw this.failure;
        const bytes = Buffer.concat(batch.map((entry) => entry.line));
        const segment = this.segments.at(-1) as Segment;
        await writeAll(this.file as FileHandle, bytes);
        segment.room -= bytes.length;
        for (const { number, apply } of batch) {
          segment.last = Math.max(segment.last, number);
          apply();
        }
        for (const { done } of batch) done();
        if (segment.room < 0 && this.waiting.length === 0) await this.beginSegment();
      } catch (error) {
        if (!this.failure) {
          this.failure = error as Error;
          this.onFailure(this.failure);
        }
        for (const { done } of batch) done(this.failure);
      }
    }
    this.writing = false;
  }

  private async beginSegment(): Promise<void> {
    const file = path.join(this.folder, `${String(this.nextSegment()).padStart(12, '0')}.journal`);
    const handle = await open(file, DURABLE_APPEND, 0o600);
    const head = encodeLine(this.state.head);
    await writeAll(handle, head);
    const folder = await open(this.folder, 'r');
    await folder.sync(); // the file's name must be durable too
    await folder.close();
    await this.file?.close();
    this.file = handle;
    this.segments.push({ file, last: 0, room: Math.max(SEGMENT_BYTES, head.length) });
  }

  private nextSegment(): number {
    const last = this.segments.at(-1);
    return last === undefined ? 1 : Number(SEGMENT_NAME.exec(path.basename(last.file))?.[1]) + 1;
  }
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}

/**
 * Reads the segments of an earlier run; undefined when there are none of this node. A torn tail is cut off. Damage before
 * the tail means that numbers are missing: the files are set aside and a new incarnation begins, so that no number is used twice.
 */
async function replay(folder: string, names: string[], node: string) {
  let state: JournalState | undefined;
  const segments: Segment[] = [];
  const facts: JournalFact[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const bytes = await readFile(file);
    const { lines, whole } = decodeLines(bytes);
    const head = lines[0]?.line === 'head' ? lines[0] : undefined;
    if ((whole < bytes.length && name !== names.at(-1)) || (head && head.node !== node)) {
      for (const each of names) await rename(path.join(folder, each), path.join(folder, `${each}.set-aside-${Date.now()}`));
      return undefined;
    }
    if (whole < bytes.length) await truncate(file, whole);
    if (head) state ??= new JournalState(node, head.incarnation);
    const segment: Segment = { file, last: 0, room: 0 };
    for (const line of lines) {
      state?.apply(line);
      if (line.line !== 'fact') continue;
      facts.push({ number: line.number, id: line.id, subject: line.subject, bytes: Buffer.from(line.body) });
      segment.last = line.number;
    }
    segments.push(segment);
  }
  return state === undefined ? undefined : { state, segments, facts };
}
