import { relaySubjects, StoredThrough } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import type { Log } from '@sluice/process';
import type { Journal } from './journal.js';
import type { JournalFact } from './journal-state.js';

const IN_FLIGHT = 64;
/** Facts of this time are published together, after the frames that they let through; one that somebody waits for goes at once. */
const LINGER_MS = 5;
const RETRY_MS = 500;
/** A fact that JetStream has, but nobody says to be stored, is published again after this: the stream may have been lost. */
const SAY_AGAIN_MS = 45_000;

/**
 * Publishes facts in the order of the journal, again and again until JetStream has them, and lets the journal drop what
 * the audit service has stored. A repeat carries the same id, so it counts once.
 */
export class FactPublisher {
  private queue: JournalFact[] = [];
  private inFlight = 0;
  private retryTimer: NodeJS.Timeout | undefined;
  private lingerTimer: NodeJS.Timeout | undefined;
  private readonly acknowledged = new Map<number, number>();
  private readonly waiters = new Map<number, () => void>();
  private readonly againTimer: NodeJS.Timeout;

  constructor(
    private readonly bus: Bus,
    private readonly journal: () => Journal,
    nodeId: string,
    private readonly log: Log,
  ) {
    bus.hear(relaySubjects(nodeId).stored, StoredThrough, ({ incarnation, through }) => {
      if (incarnation !== this.journal().incarnation) return;
      for (const number of this.acknowledged.keys()) if (number <= through) this.acknowledged.delete(number);
      void this.journal().storedThrough(incarnation, through);
    });
    bus.onChange((up) => up && this.pump());
    this.againTimer = setInterval(() => this.sayAgain(), SAY_AGAIN_MS / 3).unref();
  }

  /** Takes a durable fact. */
  push(fact: JournalFact): void {
    this.queue.push(fact);
    this.lingerTimer ??= setTimeout(() => this.pump(), LINGER_MS);
  }

  /** Resolves when JetStream has the fact. */
  published(number: number, signal: AbortSignal): Promise<boolean> {
    if (this.acknowledged.has(number)) return Promise.resolve(true);
    this.pump();
    return new Promise((resolve) => {
      this.waiters.set(number, () => resolve(true));
      signal.addEventListener('abort', () => resolve(this.waiters.delete(number) && false), { once: true });
    });
  }

  /** Facts that JetStream does not have yet. */
  get backlog(): number {
    return this.queue.length + this.inFlight;
  }

  /** Waits until JetStream has everything, or the time (milliseconds) is over. */
  async flush(withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (this.backlog > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  stop(): void {
    clearInterval(this.againTimer);
    clearTimeout(this.retryTimer);
    clearTimeout(this.lingerTimer);
  }

  private pump(): void {
    clearTimeout(this.lingerTimer);
    this.lingerTimer = undefined;
    while (this.bus.connected && this.retryTimer === undefined && this.inFlight < IN_FLIGHT) {
      const fact = this.queue.shift();
      if (!fact) return;
      this.inFlight++;
      void this.publish(fact);
    }
  }

  private async publish(fact: JournalFact): Promise<void> {
    try {
      await this.bus.publishFact(fact.subject, fact.bytes);
      this.acknowledged.set(fact.number, Date.now());
      this.waiters.get(fact.number)?.();
      this.waiters.delete(fact.number);
    } catch (error) {
      this.log.debug({ err: error, id: fact.id }, 'a fact waits');
      this.queue.unshift(fact);
      this.retryTimer ??= setTimeout(() => {
        this.retryTimer = undefined;
        this.queue.sort((a, b) => a.number - b.number);
        this.pump();
      }, RETRY_MS);
    } finally {
      this.inFlight--;
      this.pump();
    }
  }

  private sayAgain(): void {
    const before = Date.now() - SAY_AGAIN_MS;
    for (const fact of this.journal().unstored) {
      const at = this.acknowledged.get(fact.number);
      if (at === undefined || at > before) continue;
      this.acknowledged.delete(fact.number);
      this.queue.push(fact);
    }
    this.pump();
  }
}
