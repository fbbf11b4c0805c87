import { createHash, randomUUID } from 'node:crypto';
import { type ChainedService, type Envelope, factType, FIRST_PREVIOUS, serviceStartedSubject } from '@sluice/contracts';

/** The content of a service's fact. */
export interface ServiceFact {
  readonly subject: string;
  /** Id of the object that it is about. */
  readonly about?: string;
  readonly at: Date;
  readonly data: unknown;
}

const STARTED = 'started';

/** A fact as it is published; `key` identifies it. */
export interface PendingFact {
  readonly key: string;
  readonly subject: string;
  readonly bytes: Uint8Array;
}

/**
 * The chain of a service's facts. Every process begins a new incarnation each time that it starts to publish, so that neither two
 * processes of a service nor a restored database can use a number twice.
 *
 *   started ──► 2 ──► 3 ...     a fact that was not acknowledged is published again with the same bytes, before any other
 */
export class FactChain {
  private readonly incarnation = randomUUID();
  private next = 1;
  private previous = FIRST_PREVIOUS;
  private unacknowledged: (PendingFact & { saved: boolean }) | undefined;
  /** Facts that were published while another one was to be retried; their rows are not marked as published yet. */
  private readonly ahead = new Set<string>();

  /** Ends when the last call of `publish` has ended: facts are published one at a time, in order. */
  private turn: Promise<void> = Promise.resolve();

  /**
   * @param send publishes bytes, and throws if JetStream has not stored them
   * @param save saves a fact before it is published for the first time, so that another process can publish the same bytes
   */
  constructor(
    private readonly service: ChainedService,
    private readonly send: (subject: string, bytes: Uint8Array) => Promise<unknown>,
    private readonly save: (fact: PendingFact) => Promise<void> = () => Promise.resolve(),
  ) {}

  /** Publishes a fact; `key` identifies it in a retry. @throws Error when JetStream has not stored it */
  publish(key: string, fact: ServiceFact): Promise<void> {
    const mine = this.turn.then(() => this.publishNow(key, fact));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async publishNow(key: string, fact: ServiceFact): Promise<void> {
    if (this.next === 1) this.begin();
    const retried = this.unacknowledged?.key;
    await this.flush();
    if (retried !== undefined && retried !== key) this.ahead.add(retried);
    if (retried === key || this.ahead.delete(key)) return;
    this.append(key, fact);
    await this.flush();
  }

  private begin(): void {
    this.append(STARTED, { subject: serviceStartedSubject(this.service), at: new Date(), data: { service: this.service } });
  }

  private append(key: string, { subject, about, at, data }: ServiceFact): void {
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
    this.unacknowledged = { key, subject, bytes, saved: key === STARTED }; // the first fact of a chain is not in the outbox
  }

  private async flush(): Promise<void> {
    const fact = this.unacknowledged;
    if (!fact) return;
    if (!fact.saved) await this.save(fact);
    fact.saved = true;
    await this.send(fact.subject, fact.bytes);
    this.unacknowledged = undefined;
  }
}
