import { createHash, randomUUID } from 'node:crypto';
import { FIRST_PREVIOUS, headText, relayHeadSubject, serviceHeadSubject, SessionIds } from '@sluice/contracts';
import type { OwnIdentity } from '@sluice/identity';
import { sampleClosed, sampleFact, sampleOpened } from '@sluice/testing';
import type { StreamMessage } from '../ingest/store-batch.js';

let seq = 0;

/** Makes the facts of a chain, as a relay or the registry does, with signed heads. */
export class ChainMaker {
  readonly incarnation = randomUUID();
  readonly ids: SessionIds;
  private number = 0;
  private previous = FIRST_PREVIOUS;
  private readonly hashes = new Map<number, string>();

  constructor(
    readonly author: string,
    private readonly own: OwnIdentity,
  ) {
    this.ids = new SessionIds(author);
  }

  /** Another chain of the same author. */
  another(): ChainMaker {
    return new ChainMaker(this.author, this.own);
  }

  /** A session that has ended. */
  session(email = 'ann@example.test'): [id: string, StreamMessage[]] {
    const id = this.ids.next();
    return [id, [this.opened(id, email), this.closed(id)]];
  }

  opened(id = this.ids.next(), email = 'ann@example.test'): StreamMessage {
    const opened = { ...sampleOpened(id, this.author), account: { id: email, email } };
    return this.add((place, more) => sampleFact('opened', this.author, opened, place, more));
  }

  closed(id: string): StreamMessage {
    return this.add((place, more) => sampleFact('closed', this.author, sampleClosed(id), place, more));
  }

  /** A fact of the registry. */
  ofRegistry(subject: string, data: object): StreamMessage {
    return this.add((place, more) => ({
      subject,
      data: sampleFact('opened', this.author, data, place, { ...more, ...OF_REGISTRY }).data,
    }));
  }

  /** Signs all facts so far. */
  head(): StreamMessage {
    const stated = { through: this.number, hash: this.previous, at: new Date().toISOString() };
    const signature = this.own.sign(Buffer.from(headText(this.author, this.incarnation, stated))).toString('base64');
    const data = { ...stated, certificate: this.own.certificate.toString('base64'), signature };
    if (this.author === 'registry') return this.ofRegistry(serviceHeadSubject(this.author), data);
    return this.add((place, more) => ({
      subject: relayHeadSubject('default', this.author),
      data: sampleFact('opened', this.author, data, place, { ...more, type: 'sluice.relay.head.v1' }).data,
    }));
  }

  /** SHA-256 of the fact with this number. */
  hashOf(number: number): string | undefined {
    return this.hashes.get(number);
  }

  private add(
    make: (
      place: { incarnation: string; number: number },
      more: { previous: string },
    ) => { readonly subject: string; readonly data: Uint8Array },
  ): StreamMessage {
    const fact = make({ incarnation: this.incarnation, number: ++this.number }, { previous: this.previous });
    this.previous = createHash('sha256').update(fact.data).digest('hex');
    this.hashes.set(this.number, this.previous);
    return { ...fact, seq: ++seq };
  }
}

const OF_REGISTRY = { node: undefined, source: 'sluice://registry', type: 'sluice.service.fact.v1' };
