import { FACTS_WAITING, FactsWaiting, relaySubjects, StoredThrough } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import type { Log } from '@sluice/process';
import { Acknowledged } from './acknowledged.js';
import type { Journal } from './journal.js';
import type { JournalFact } from './journal-state.js';

const IN_FLIGHT = 64;
/** Facts that become durable within this time are published together, so that frames to agents go first. A fact that a session waits for is published immediately. */
const LINGER_MS = 5;
const RETRY_MS = 500;
/** Minimum time between two inspections of the stream for lost facts. */
const LOOK_EVERY_MS = 10_000;

/**
 * Publishes the facts of the journal in order, retrying each until JetStream acknowledges it, and lets the journal drop the
 * facts that the audit service has stored. An acknowledged fact is republished only when the audit service's report of the
 * facts waiting in the stream shows that it is missing. A republished fact has the same bytes, so it counts once.
 */
export class FactPublisher {
  /** Number of the last fact that was taken from the journal. */
  private position = 0;
  /** Number of the last fact that the audit service claims to have stored. */
  private claimed = 0;
  private readonly inFlight = new Set<number>();
  private readonly acknowledged = new Acknowledged();
  private readonly waiters = new Map<number, Set<() => void>>();
  private retryTimer: NodeJS.Timeout | undefined;
  private lingerTimer: NodeJS.Timeout | undefined;
  private dropping: NodeJS.Immediate | undefined;
  private lookedAt = Number.NEGATIVE_INFINITY;
  /** Called whenever the backlog has shrunk. */
  private onProgress: (() => void) | undefined;
  private stopped = false;

  constructor(
    private readonly bus: Bus,
    private readonly journal: Journal,
    nodeId: string,
    private readonly log: Log,
    private readonly lookEveryMs = LOOK_EVERY_MS,
  ) {
    bus.subscribe(relaySubjects(nodeId).stored, StoredThrough, ({ incarnation, through }) => {
      if (incarnation !== journal.incarnation) return;
      this.claimed = Math.max(this.claimed, Math.min(through, journal.last));
      this.dropStored();
    });
    bus.subscribe(FACTS_WAITING, FactsWaiting, (waiting) => this.look(waiting));
    bus.onChange((up) => up && this.pump());
    journal.onDurable(() => (this.lingerTimer ??= setTimeout(() => this.pump(), LINGER_MS)));
    this.pump();
  }

  /** Resolves to true when JetStream has acknowledged the fact, and to false when the signal is aborted first. */
  published(number: number, signal: AbortSignal): Promise<boolean> {
    if (this.acknowledged.has(number)) return Promise.resolve(true);
    this.pump();
    return new Promise((resolve) => {
      const waiters = this.waiters.get(number) ?? new Set();
      this.waiters.set(number, waiters);
      const finish = (published: boolean) => {
        signal.removeEventListener('abort', onAbort);
        waiters.delete(onPublished);
        if (waiters.size === 0) this.waiters.delete(number);
        resolve(published);
      };
      const onPublished = () => finish(true);
      const onAbort = () => finish(false);
      waiters.add(onPublished);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  /** Number of facts that JetStream has not acknowledged yet. */
  get backlog(): number {
    return this.journal.backlog - this.acknowledged.count;
  }

  /** Waits until JetStream has every fact that was appended to the journal so far, but at most `withinMs` milliseconds. */
  async flush(withinMs: number): Promise<void> {
    await this.journal.flush();
    this.pump();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.onProgress = () => {
        if (this.backlog > 0) return;
        this.onProgress = undefined;
        clearTimeout(timer);
        resolve();
      };
      this.onProgress();
    });
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retryTimer);
    clearTimeout(this.lingerTimer);
  }

  private pump(): void {
    clearTimeout(this.lingerTimer);
    this.lingerTimer = undefined;
    if (this.stopped || !this.bus.connected || this.retryTimer !== undefined) return;
    for (const fact of this.journal.since(this.position)) {
      if (this.inFlight.size >= IN_FLIGHT) return;
      this.position = fact.number;
      if (!this.inFlight.has(fact.number) && !this.acknowledged.has(fact.number)) void this.publish(fact);
    }
  }

  private async publish(fact: JournalFact): Promise<void> {
    this.inFlight.add(fact.number);
    try {
      this.acknowledged.take(fact.number, await this.bus.publishFact(fact.subject, fact.bytes));
      if (this.claimed >= fact.number) this.dropping ??= setImmediate(() => this.dropStored()); // once for all acknowledgements of one turn of the event loop
      for (const published of this.waiters.get(fact.number) ?? []) published();
      this.onProgress?.();
    } catch (error) {
      this.log.debug({ err: error, id: fact.id }, 'a fact could not be published; it will be retried');
      this.goBackTo(fact.number);
      this.retryTimer ??= setTimeout(() => {
        this.retryTimer = undefined;
        this.pump();
      }, RETRY_MS);
    } finally {
      this.inFlight.delete(fact.number);
      this.pump();
    }
  }

  /** Lets the journal drop what is stored. A claim of the audit service counts only for facts that JetStream has acknowledged, because a fact that was never published cannot be stored. */
  private dropStored(): void {
    this.dropping = undefined;
    let through = 0;
    for (const { number } of this.journal.since(0)) {
      if (number > this.claimed || !this.acknowledged.has(number)) break;
      through = number;
    }
    if (through === 0) return;
    void this.journal.storedThrough(this.journal.incarnation, through);
    this.acknowledged.storedThrough(through);
    this.onProgress?.();
  }

  private look(waiting: FactsWaiting): void {
    if (performance.now() - this.lookedAt < this.lookEveryMs) return;
    this.lookedAt = performance.now();
    const missing = this.acknowledged.forgetMissing(waiting);
    if (missing.length === 0) return;
    this.log.warn({ facts: missing.length }, 'JetStream has lost facts that it had acknowledged; they are published again');
    this.goBackTo(Math.min(...missing));
    this.pump();
  }

  private goBackTo(number: number): void {
    this.position = Math.min(this.position, number - 1);
  }
}
