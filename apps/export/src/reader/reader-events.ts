import type { Consumer, JsMsg } from '@nats-io/jetstream';
import { readerConsumer } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import type { AuditEvent } from '../event/audit-event.js';
import { readEvent } from '../event/read-event.js';

/** How long one request waits for events, in milliseconds. */
const WAIT_MS = 2000;
/** The shortest wait that the client library accepts, and the longest one while events are collected. */
const COLLECT_MS = { least: 1000, most: 5000 };
/** NATS delivers an event again if it was not acknowledged for thirty seconds; until then it has to be told that it is being worked on. */
const WORKING_EVERY_MS = 10_000;
/** How long an event is postponed, in milliseconds. */
const POSTPONED_MS = 300_000;
/** How often an event can be delivered without having been postponed: after a kill, NATS delivers what was not acknowledged once more. */
const MOST_DELIVERIES = 2;
/** How many events one request asks for at most: of the longest, 8 MiB. */
const MAX_FETCHED = 64;

/** An event that was received, and what becomes of it. */
export interface ReceivedAuditEvent {
  readonly event: AuditEvent;
  /** It was delivered. */
  ack(): void;
  /** Whether it was delivered so often already that it was probably postponed. */
  readonly wasPostponed: boolean;
  /** NATS delivers it again later, and others before it. */
  postpone(): void;
  /** It will not be delivered; NATS notes the reason. */
  term(reason: string): void;
}

/** How much is received at a time. */
export interface BatchOptions {
  readonly maxEvents: number;
  /** From how many bytes on no more are received; what one request returns can go beyond it. */
  readonly maxBytes: number;
  /** How long events are collected after the first, in milliseconds; 0: only those that are there. */
  readonly collectMs: number;
}

/**
 * The events of one SIEM reader, from its durable consumer. While events are held here, NATS is told that they are being worked on,
 * so that no other copy receives them.
 */
export class ReaderEvents {
  private consumer: Consumer | undefined;
  private readonly held = new Set<JsMsg>();
  private readonly working = setInterval(() => this.keep(), WORKING_EVERY_MS);

  /** @param publicKey that of the reader's credentials */
  constructor(
    private readonly bus: Bus,
    private readonly stream: string,
    private readonly publicKey: string,
    private readonly options: BatchOptions,
  ) {}

  /** Receives the next events in the order of their numbers; none if there are none. @throws Error if NATS or the consumer cannot be reached; what was received by then is held until it is released */
  async next(signal: AbortSignal): Promise<ReceivedAuditEvent[]> {
    const { maxEvents, maxBytes, collectMs } = this.options;
    const consumer = await this.found();
    const messages: JsMsg[] = [];
    let bytes = 0;
    const add = (message: JsMsg): void => {
      this.held.add(message);
      messages.push(message);
      bytes += message.data.length;
    };
    const isFull = (): boolean => messages.length >= maxEvents || bytes >= maxBytes;
    const take = async (most: number, expires: number): Promise<void> => {
      for await (const message of await consumer.fetch({ max_messages: Math.min(most, MAX_FETCHED), expires })) add(message);
    };
    try {
      const first = await consumer.next({ expires: WAIT_MS });
      if (first === null) return [];
      add(first);
      const begun = performance.now();
      const left = (): number => collectMs - (performance.now() - begun);
      const ready = first.info.pending + 1; // those that are there need not be waited for
      while (!isFull() && messages.length < ready && !signal.aborted) {
        const before = messages.length;
        await take(Math.min(maxEvents, ready) - messages.length, COLLECT_MS.least);
        if (messages.length === before) break; // another copy has them
      }
      while (!isFull() && left() >= COLLECT_MS.least && !signal.aborted)
        await take(maxEvents - messages.length, Math.min(COLLECT_MS.most, Math.floor(left())));
    } catch (error) {
      this.consumer = undefined;
      throw error;
    }
    return messages.map((message) => this.received(message));
  }

  /** How many events the reader has not acknowledged, those that it was not delivered yet included. @throws Error if NATS does not respond */
  async lag(): Promise<number> {
    const { num_pending: pending, num_ack_pending: unacknowledged } = await (await this.found()).info();
    return pending + unacknowledged;
  }

  /** Gives back to NATS what is held: another copy can have it at once. */
  release(): void {
    for (const message of this.held) this.settle(message, () => message.nak());
  }

  stop(): void {
    clearInterval(this.working);
    this.release();
  }

  private async found(): Promise<Consumer> {
    return (this.consumer ??= await this.bus.jetstream.consumers.get(this.stream, readerConsumer(this.publicKey)));
  }

  private received(message: JsMsg): ReceivedAuditEvent {
    return {
      event: readEvent(message, this.stream),
      ack: () => this.settle(message, () => message.ack()),
      wasPostponed: message.info.deliveryCount > MOST_DELIVERIES,
      postpone: () => this.settle(message, () => message.nak(POSTPONED_MS)),
      term: (reason) => this.settle(message, () => message.term(reason)),
    };
  }

  private settle(message: JsMsg, how: () => void): void {
    this.held.delete(message);
    how();
  }

  private keep(): void {
    for (const message of this.held) message.working();
  }
}
