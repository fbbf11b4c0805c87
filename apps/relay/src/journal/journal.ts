import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { type Envelope, factType, type SessionCheckpoint } from '@sluice/contracts';
import { encodeLine, type JournalLine, type OpenSession } from './journal-line.js';
import { hashFact, type JournalFact, JournalState } from './journal-state.js';
import { lockFolder } from './lock-folder.js';
import { type EarlierChain, replay } from './replay.js';
import { SEGMENT_BYTES, SegmentFiles } from './segment-files.js';

/** How long a line that is not urgent waits for an urgent one to be written with, in milliseconds. */
const LINGER_MS = 5;

interface Waiting {
  readonly line: Buffer;
  /** Number of the fact in it; 0 for a checkpoint. */
  readonly number: number;
  /** Applies the line to the state once it is durable. */
  readonly apply: () => void;
  readonly done: (error?: Error) => void;
}

/**
 * The relay's journal: a fact receives its number and hash here, before it is published.
 *
 *   append ──► numbered, hashed ──► written durably with all waiting lines (group commit) ──► `since`, durable listeners
 *                                                        dropped ◄── "stored through N"
 *
 * A durable write costs much the same whatever its length, so lines that are not urgent are written together with the next
 * urgent one, or after a few milliseconds.
 *
 * `state` describes what is on disk. Only the writer advances it, so the head of a segment never includes a fact that was not
 * written. `numbering` runs ahead of it: it is the number and the previous hash of the next fact.
 *
 * A failed write is final: nothing is appended after it. Opening the journal after that, or after a crash, yields the facts
 * that were not yet stored and the sessions that were never closed. It is not a failure if the next segment cannot be created:
 * the current one is used until that is possible.
 */
export class Journal {
  private waiting: Waiting[] = [];
  private writing = false;
  private written = Promise.resolve();
  /** Whether one of the waiting lines is urgent. */
  private urgent = false;
  private lingering: NodeJS.Timeout | undefined;
  private unstoredBytes = 0;
  private failure: Error | undefined;
  private readonly numbering: { next: number; previous: string };
  /** Facts that are not reported as stored yet, oldest first. */
  private readonly facts: JournalFact[] = [];
  private readonly durableListeners = new Set<() => void>();
  private readonly failedListeners = new Set<(error: Error) => void>();

  private constructor(
    private readonly files: SegmentFiles,
    private readonly state: JournalState,
    /** Whether this incarnation began with this run. */
    readonly fresh: boolean,
    /** The incarnation before this one, as far as a damaged journal of it can be read; undefined if there is none. */
    readonly before: EarlierChain | undefined,
    private readonly unlock: () => void,
  ) {
    this.numbering = { next: state.next, previous: state.previous };
  }

  /**
   * Opens the journal in a folder, or begins a new incarnation if the folder has none of this node. The folder is locked until
   * the journal is closed. @throws Error when another process has locked it, or when it cannot be written
   */
  static async open(folder: string, node: string, segmentBytes = SEGMENT_BYTES): Promise<Journal> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const unlock = lockFolder(folder);
    try {
      const found = await replay(folder, node);
      const files = await SegmentFiles.open(folder, found.segments, segmentBytes);
      const state = found.state ?? new JournalState(node, randomUUID());
      const journal = new Journal(files, state, found.state === undefined, found.before, unlock);
      for (const fact of found.facts) journal.hold(fact);
      await files.use(await files.begin(encodeLine(state.head)));
      return journal;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  get incarnation(): string {
    return this.state.incarnation;
  }

  /** Sessions that were opened and not closed, each with its last checkpoint. */
  get openSessions(): OpenSession[] {
    return [...this.state.open.values()];
  }

  /** Durable facts after a number that are not reported as stored yet, oldest first. The caller must iterate synchronously. */
  *since(number: number): Generator<JournalFact, void> {
    for (let at = this.firstAfter(number); at < this.facts.length; at++) yield this.facts[at] as JournalFact;
  }

  /** Number of the last fact that was appended. */
  get last(): number {
    return this.numbering.next - 1;
  }

  /** SHA-256 of the last fact that was appended, in hexadecimal. */
  get lastHash(): string {
    return this.numbering.previous;
  }

  /** Number of facts that are not stored yet. */
  get backlog(): number {
    return this.facts.length;
  }

  /** Size of the facts that are not stored yet, in bytes. */
  get backlogBytes(): number {
    return this.unstoredBytes;
  }

  /** The oldest fact that is not stored yet; undefined if all are. */
  get oldest(): JournalFact | undefined {
    return this.facts[0];
  }

  /** The error after which nothing can be appended; undefined while there is none. */
  get failed(): Error | undefined {
    return this.failure;
  }

  /** Calls `listener` whenever more facts have become durable. */
  onDurable(listener: () => void): void {
    this.durableListeners.add(listener);
  }

  /** Calls `listener` when the journal fails, or immediately if it has failed. */
  onFailed(listener: (error: Error) => void): void {
    this.failedListeners.add(listener);
    if (this.failure) listener(this.failure);
  }

  /**
   * Appends a fact to the chain. Resolves when it is durable, which may take some milliseconds longer when it is not urgent.
   * @throws Error when the journal has failed
   */
  append(subject: string, sessionId: string | undefined, data: unknown, now: Date, urgent = true): Promise<JournalFact> {
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
        resolve(fact);
      };
      this.enqueue({ line: encodeLine({ line: 'fact', number, id, subject, body }), number, apply, done }, urgent);
    });
  }

  /** Writes a checkpoint, which is not part of the chain. Resolves to the bytes to publish once it is durable. @throws Error when the journal has failed */
  checkpoint(subject: string, data: SessionCheckpoint, now: Date): Promise<Buffer> {
    if (this.failure) return Promise.reject(this.failure);
    const line: JournalLine = { line: 'checkpoint', data };
    const bytes = Buffer.from(JSON.stringify({ ...this.envelope(randomUUID(), subject, data.sessionId, now), data }));
    return new Promise((resolve, reject) => {
      const done = (error?: Error) => (error ? reject(error) : resolve(bytes));
      this.enqueue({ line: encodeLine(line), number: 0, apply: () => this.state.apply(line), done }, false);
    });
  }

  /** Drops the facts up to this number, because the audit service has stored them. */
  async storedThrough(incarnation: string, through: number): Promise<void> {
    if (incarnation !== this.incarnation) return;
    for (const fact of this.facts.splice(0, this.firstAfter(through))) this.unstoredBytes -= fact.bytes.length;
    await this.files.dropThrough(through);
  }

  /** Waits until everything that was appended is durable, or the journal has failed. */
  async flush(): Promise<void> {
    while (this.waiting.length > 0 || this.writing) {
      if (!this.writing) this.startWriting();
      await this.written;
    }
  }

  /** Waits until everything that was appended is durable, and closes the files. */
  async close(): Promise<void> {
    await this.flush();
    await this.files.close();
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
    this.facts.push(fact);
    this.unstoredBytes += fact.bytes.length;
  }

  /** Index of the first unstored fact with a greater number. */
  private firstAfter(number: number): number {
    let [low, high] = [0, this.facts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.facts[middle] as JournalFact).number <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private enqueue(entry: Waiting, urgent: boolean): void {
    this.waiting.push(entry);
    this.urgent ||= urgent;
    this.schedule();
  }

  private schedule(): void {
    if (this.writing || this.waiting.length === 0) return;
    if (this.urgent) this.startWriting();
    else this.lingering ??= setTimeout(() => this.startWriting(), LINGER_MS);
  }

  private startWriting(): void {
    clearTimeout(this.lingering);
    this.lingering = undefined;
    this.written = this.write();
  }

  /** The single writer: takes all waiting lines, writes them durably, and notifies the listeners, until none of them is urgent. */
  private async write(): Promise<void> {
    this.writing = true;
    do {
      this.urgent = false;
      await this.writeBatch(this.waiting.splice(0));
    } while (this.urgent);
    this.writing = false;
    this.schedule();
  }

  private async writeBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      if (this.failure) throw this.failure;
      const lines = batch.map(({ line }) => line);
      await this.files.write(lines, Math.max(...batch.map(({ number }) => number)));
    } catch (error) {
      this.fail(error as Error);
      for (const { done } of batch) done(this.failure);
      return;
    }
    for (const { apply } of batch) apply();
    for (const { done } of batch) done();
    for (const listener of this.durableListeners) listener();
    if (this.files.full) await this.changeSegment();
  }

  private async changeSegment(): Promise<void> {
    let next;
    try {
      next = await this.files.begin(encodeLine(this.state.head));
    } catch {
      return this.files.postpone(); // no file descriptor or no space at present: continue with the current segment
    }
    await this.files.use(next).catch((error: unknown) => this.fail(error as Error));
  }

  private fail(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    for (const listener of this.failedListeners) listener(error);
  }
}
