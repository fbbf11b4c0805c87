import { createHash, randomUUID } from 'node:crypto';
import { type Envelope, factType, FIRST_PREVIOUS, serviceStartedSubject } from '@sluice/contracts';

/** What a fact of the registry says. */
export interface RegistryFact {
  readonly subject: string;
  /** Id of what it is about. */
  readonly about?: string;
  readonly at: Date;
  readonly data: unknown;
}

/**
 * The chain of the registry's facts. One registry at a time publishes, and each time another takes over it begins a new
 * incarnation, so that neither two registries nor a restored database ever use a number twice.
 *
 *   started ──► 2 ──► 3 ...     a fact that was not acknowledged is published again with the same bytes, before any other
 */
export class FactChain {
  private readonly incarnation = randomUUID();
  private next = 1;
  private previous = FIRST_PREVIOUS;
  private unacknowledged: { key: string; subject: string; bytes: Buffer } | undefined;
  /** Published while another one was to be: its row is not marked yet. */
  private readonly ahead = new Set<string>();

  /** @param send publishes bytes, and throws when JetStream has not taken them */
  constructor(private readonly send: (subject: string, bytes: Uint8Array) => Promise<unknown>) {}

  /** Publishes a fact; `key` tells it from others when it is tried again. @throws Error when JetStream has not taken it */
  async publish(key: string, fact: RegistryFact): Promise<void> {
    if (this.next === 1) this.begin();
    const waiting = this.unacknowledged?.key;
    await this.flush();
    if (waiting !== undefined && waiting !== key) this.ahead.add(waiting);
    if (waiting === key || this.ahead.delete(key)) return;
    this.append(key, fact);
    await this.flush();
  }

  private begin(): void {
    this.append('started', { subject: serviceStartedSubject('registry'), at: new Date(), data: { service: 'registry' } });
  }

  private append(key: string, { subject, about, at, data }: RegistryFact): void {
    const number = this.next++;
    const envelope: Envelope = {
      specversion: '1.0',
      id: `${this.incarnation}-${number}`,
      source: 'sluice://registry',
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
    this.unacknowledged = { key, subject, bytes };
  }

  private async flush(): Promise<void> {
    if (!this.unacknowledged) return;
    await this.send(this.unacknowledged.subject, this.unacknowledged.bytes);
    this.unacknowledged = undefined;
  }
}
