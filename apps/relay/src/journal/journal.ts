import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { type Envelope, factType, type SessionCheckpoint } from '@sluice/contracts';
import { encodeLine, type JournalLine, type OpenSession } from './journal-line.js';
import { hashFact, type JournalFact, JournalState } from './journal-state.js';
import { lockFolder } from './lock-folder.js';
import { replay } from './replay.js';
import { SEGMENT_BYTES, SegmentFiles } from './segment-files.js';

interface Waiting {
  readonly line: Buffer;
  /** Number of the fact in it; 0 for a checkpoint. */
  readonly number: number;
  /** Takes the line into account, now that it is durable. */
  readonly apply: () => void;
  readonly done: (error?: Error) => void;
}

/**
 * The relay's journal: a fact gets its number and hash here, before it is published.
 *
 *   append ──► numbered, hashed ──► written durably with all that wait (group commit) ──► `since`, and whoever listens
 *                                                        dropped ◄── "stored through N"
 *
 * `state` is what stands on the disk: the writer alone moves it on, so that the head of a segment never counts a fact that
 * was not written. What the next fact will be is `numbering`.
 *
 * A failed write is final: from then on nothing is appended. Opening the journal after that, or after a crash, gives the
 * facts that were not yet stored and the sessions that were never closed. That the next segment cannot be begun is no
 * failure: the present one is written until it can.
 */
export class Journal {
  private waiting: Waiting[] = [];
  private writing = false;
  private written = Promise.resolve();
  private unstoredBytes = 0;
  private failure: Error | undefined;
  private readonly numbering: { next: number; previous: string };
  /** Facts that nobody has said to be stored, oldest first. */
  private readonly facts: JournalFact[] = [];
  private readonly durableListeners = new Set<() => void>();
  private readonly failedListeners = new Set<(error: Error) => void>();

  private constructor(
    private readonly files: SegmentFiles,
    private readonly state: JournalState,
    /** Whether this incarnation begins with this run. */
    readonly fresh: boolean,
    private readonly unlock: () => void,
  ) {
    this.numbering = { next: state.next, previous: state.previous };
  }

  /**
   * Opens the journal in a folder, or begins a new incarnation where there is none of this node. It is this process's until
   * it is closed. @throws Error when another process has it, or it cannot be written
   */
  static async open(folder: string, node: string, segmentBytes = SEGMENT_BYTES): Promise<Journal> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const unlock = lockFolder(folder);
    try {
      const found = await replay(folder, node);
      const files = await SegmentFiles.open(folder, found?.segments ?? [], segmentBytes);
      const state = found?.state ?? new JournalState(node, randomUUID());
      const journal = new Journal(files, state, found === undefined, unlock);
      for (const fact of found?.facts ?? []) journal.hold(fact);
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

  /** Sessions that were opened and not closed, with their last checkpoint. */
  get openSessions(): OpenSession[] {
    return [...this.state.open.values()];
  }

  /** Durable facts after a number, oldest first, that nobody has said to be stored. To be read at once. */
  *since(number: number): Generator<JournalFact, void> {
    for (let at = this.firstAfter(number); at < this.facts.length; at++) yield this.facts[at] as JournalFact;
  }

  /** Number of the last fact that was appended. */
  get last(): number {
    return this.numbering.next - 1;
  }

  /** How many facts are not stored yet. */
  get backlog(): number {
    return this.facts.length;
  }

  /** Bytes of facts that are not stored yet. */
  get backlogBytes(): number {
    return this.unstoredBytes;
  }

  /** Why nothing can be appended any more; undefined while all is well. */
  get failed(): Error | undefined {
    return this.failure;
  }

  /** Calls `listener` whenever there are more durable facts. */
  onDurable(listener: () => void): void {
    this.durableListeners.add(listener);
  }

  /** Calls `listener` when the journal fails, at once when it has. */
  onFailed(listener: (error: Error) => void): void {
    this.failedListeners.add(listener);
    if (this.failure) listener(this.failure);
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
        resolve(fact);
      };
      this.enqueue({ line: encodeLine({ line: 'fact', number, id, subject, body }), number, apply, done });
    });
  }

  /** Notes bytes so far, outside the chain. Resolves to the fact's bytes when that is durable. @throws Error when the journal has failed */
  checkpoint(subject: string, data: SessionCheckpoint, now: Date): Promise<Buffer> {
    if (this.failure) return Promise.reject(this.failure);
    const line: JournalLine = { line: 'checkpoint', data };
    const bytes = Buffer.from(JSON.stringify({ ...this.envelope(randomUUID(), subject, data.sessionId, now), data }));
    return new Promise((resolve, reject) => {
      const done = (error?: Error) => (error ? reject(error) : resolve(bytes));
      this.enqueue({ line: encodeLine(line), number: 0, apply: () => this.state.apply(line), done });
    });
  }

  /** The audit service has every fact up to this number: what is older may go. */
  async storedThrough(incarnation: string, through: number): Promise<void> {
    if (incarnation !== this.incarnation) return;
    for (const fact of this.facts.splice(0, this.firstAfter(through))) this.unstoredBytes -= fact.bytes.length;
    await this.files.dropThrough(through);
  }

  /** Waits until everything that was appended is durable, or the journal has failed. */
  async flush(): Promise<void> {
    while (this.writing) await this.written;
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

  private enqueue(entry: Waiting): void {
    this.waiting.push(entry);
    if (!this.writing) this.written = this.write();
  }

  /** One writer: takes all that waits, writes it, makes it durable, and notifies the listeners. */
  private async write(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        if (this.failure) throw this.failure;
        await this.files.write(Buffer.concat(batch.map(({ line }) => line)), Math.max(...batch.map(({ number }) => number)));
      } catch (error) {
        this.fail(error as Error);
        for (const { done } of batch) done(this.failure);
        continue;
      }
      for (const { apply } of batch) apply();
      for (const { done } of batch) done();
      for (const listener of this.durableListeners) listener();
      if (this.files.full) await this.changeSegment();
    }
    this.writing = false;
  }

  private async changeSegment(): Promise<void> {
    let next;
    try {
      next = await this.files.begin(encodeLine(this.state.head));
    } catch {
      return this.files.postpone(); // no file descriptor or no room now: what is written to goes on
    }
    await this.files.use(next).catch((error: unknown) => this.fail(error as Error));
  }

  private fail(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    for (const listener of this.failedListeners) listener(error);
  }
}
