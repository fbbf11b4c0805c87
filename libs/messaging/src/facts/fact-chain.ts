import { createHash, randomUUID } from 'node:crypto';
import {
  type ChainedService,
  type Envelope,
  factType,
  FIRST_PREVIOUS,
  HEAD_INTERVAL_MS,
  MAX_UNSIGNED_FACTS,
  QUIET_HEAD_INTERVAL_MS,
  serviceHeadSubject,
  serviceStartedSubject,
  type SignedHead,
} from '@sluice/contracts';
import { Mutex } from '@sluice/domain';

/** The content of a service's fact. */
export interface ServiceFact {
  readonly subject: string;
  /** Id of the object that it is about. */
  readonly about?: string;
  readonly at: Date;
  readonly data: unknown;
}

/** A fact as it is published; `key` identifies it. */
export interface PendingFact {
  readonly key: string;
  readonly subject: string;
  readonly bytes: Uint8Array;
}

/** Signs the end of a chain: its incarnation, and the number and hash of its last fact. Undefined while there is no key yet. */
export type SignHead = (end: Pick<SignedHead, 'through' | 'hash'> & { readonly incarnation: string }) => SignedHead | undefined;

/** What a chain may be given. */
export interface FactChainOptions {
  /** Saves a fact before it is published for the first time, so that another process can publish the same bytes. */
  readonly save?: (fact: PendingFact) => Promise<void>;
  readonly sign?: SignHead;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** A fact that was not acknowledged. Those of the chain itself, `started` and heads, have no key and are not saved. */
interface Unacknowledged {
  readonly key: string | undefined;
  readonly subject: string;
  readonly bytes: Uint8Array;
  saved: boolean;
}

/**
 * The chain of a service's facts. Every process begins a new incarnation each time that it starts to publish, so that neither two
 * processes of a service nor a restored database can use a number twice.
 *
 *   started ──► 2 ──► 3 ──► head ──► 5 ...     a fact that was not acknowledged is published again with the same bytes, before any other
 */
export class FactChain {
  private readonly incarnation = randomUUID();
  private next = 1;
  private previous = FIRST_PREVIOUS;
  private unacknowledged: Unacknowledged | undefined;
  /** Facts that were published by a later call, while the one that failed is still to be repeated. */
  private readonly ahead = new Set<string>();
  /** Number of the last head, and when it was signed. */
  private signed = 0;
  private signedAt = Number.NEGATIVE_INFINITY;
  /** Facts are published one at a time, in order. */
  private readonly turn = new Mutex();

  /** @param send publishes bytes, and throws if JetStream has not stored them */
  constructor(
    private readonly service: ChainedService,
    private readonly send: (subject: string, bytes: Uint8Array) => Promise<unknown>,
    private readonly options: FactChainOptions = {},
  ) {}

  /** Publishes a fact; `key` identifies it in a retry. @throws Error when JetStream has not stored it */
  publish(key: string, fact: ServiceFact): Promise<void> {
    return this.turn.run(() => this.publishNow(key, fact));
  }

  /**
   * Signs the facts since the last head, if it is time: ten seconds after it, or ten minutes if there are none.
   * @param end whether the chain ends, so that new facts are signed at once
   * @throws Error when JetStream has not stored the head
   */
  sign({ end = false } = {}): Promise<void> {
    return this.turn.run(async () => {
      const sinceSigned = this.now() - this.signedAt;
      const due = sinceSigned >= QUIET_HEAD_INTERVAL_MS || (this.unsigned > 0 && (end || sinceSigned >= HEAD_INTERVAL_MS));
      if (due) await this.signNow();
    });
  }

  private get unsigned(): number {
    return this.next - 1 - this.signed;
  }

  private now(): number {
    return this.options.now?.() ?? performance.now();
  }

  private async publishNow(key: string, fact: ServiceFact): Promise<void> {
    if (this.next === 1) this.begin();
    if (this.unsigned > MAX_UNSIGNED_FACTS) await this.signNow();
    await this.flush();
    if (this.ahead.delete(key)) return;
    this.append(key, fact);
    await this.flush();
    this.ahead.delete(key);
  }

  private begin(): void {
    this.append(undefined, { subject: serviceStartedSubject(this.service), at: new Date(), data: { service: this.service } });
  }

  /** Appends a head, unless there is no key yet, and publishes it. */
  private async signNow(): Promise<void> {
    if (this.next === 1) return;
    await this.flush();
    const head = this.options.sign?.({ incarnation: this.incarnation, through: this.next - 1, hash: this.previous });
    if (!head) return;
    this.signed = this.next;
    this.signedAt = this.now();
    this.append(undefined, { subject: serviceHeadSubject(this.service), at: new Date(head.at), data: head });
    await this.flush();
  }

  private append(key: string | undefined, { subject, about, at, data }: ServiceFact): void {
    const number = this.next++;
    const envelope: Envelope = {
      specversion: '1.0',
      id: `${this.incarnation}-${number}`,
      source: `sluice://${this.service}`,
      type: factType(subject),
      time: at.toISOString(),
      ...(about === undefined ? {} : { subject: about }),
      datacontenttype: 'application/json',
      incarnation: this.incarnation,
      number,
      previous: this.previous,
      data,
    };
    const bytes = Buffer.from(JSON.stringify(envelope));
    this.previous = createHash('sha256').update(bytes).digest('hex');
    this.unacknowledged = { key, subject, bytes, saved: key === undefined };
  }

  /** Publishes the fact that was not acknowledged, if there is one. */
  private async flush(): Promise<void> {
    const fact = this.unacknowledged;
    if (!fact) return;
    const { key, subject, bytes } = fact;
    if (!fact.saved && key !== undefined) await this.options.save?.({ key, subject, bytes });
    fact.saved = true;
    await this.send(subject, bytes);
    this.unacknowledged = undefined;
    if (key !== undefined) this.ahead.add(key);
  }
}
