import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, JsMsg } from '@nats-io/jetstream';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { AUDIT_METRICS, AUDIT_STREAM, OCSF_CONSUMER } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { counterOf, errorMessage, Log } from '@sluice/process';
import type { ReportsReadiness } from '@sluice/process/nest';
import { convertFact } from '../ocsf/convert-fact.js';
import { OcsfRoom } from './ocsf-stream.js';
import { ReaderConsumers } from './reader-consumers.js';

const BATCH = 250;
const FETCH_EXPIRES_MS = 2000;
const IDLE_MS = 500;
const RETRY_MS = 2000;
/** The failure in a row that is reported: the first ones are of a consumer that is being made or removed. */
const NOTED_FAILURE = 3;
/** How JetStream says that a stream has reached its size. */
const FULL = /maximum bytes exceeded/;

const converted = counterOf(AUDIT_METRICS.ocsfEvents);

/**
 * Converts facts for SIEM readers of OCSF, while there are any: fetches a batch, publishes each fact's OCSF event, and
 * acknowledges those that JetStream has stored. It has a consumer and a stream of its own and uses no database, so neither holds up
 * the other: if this stream is full, events wait in the stream of facts. Copies of this service share the consumer.
 *
 * The same fact gives the same bytes, so an event that is published again after a crash is stored once, within JetStream's window.
 */
@Injectable()
export class OcsfFacts implements OnApplicationBootstrap, BeforeApplicationShutdown, ReportsReadiness {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private readonly room: OcsfRoom;
  private failures = 0;
  private failure: string | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly readers: ReaderConsumers,
    private readonly log: Log,
  ) {
    this.room = new OcsfRoom(bus);
  }

  readiness(): { degraded: string[] } {
    return { degraded: this.failure === undefined ? [] : [`OCSF events wait: ${this.failure}`] };
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let consumer: Consumer | undefined;
    while (!signal.aborted) {
      if (!this.bus.connected || !this.readers.wantsOcsf) {
        consumer = undefined;
        this.succeeded();
        await sleep(IDLE_MS, undefined, { signal }).catch(() => undefined);
        continue;
      }
      try {
        consumer ??= await this.bus.jetstream.consumers.get(AUDIT_STREAM, OCSF_CONSUMER);
        await this.convert(await this.fetch(consumer));
        this.succeeded();
      } catch (error) {
        consumer = undefined;
        this.failed(error);
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Waits for a first fact, then fetches what else has arrived. */
  private async fetch(consumer: Consumer): Promise<JsMsg[]> {
    const first = await consumer.next({ expires: FETCH_EXPIRES_MS });
    if (!first) return [];
    const batch = [first];
    if (first.info.pending === 0) return batch;
    const more = { max_messages: Math.min(BATCH, first.info.pending), expires: 1000 };
    try {
      for await (const message of await consumer.fetch(more)) batch.push(message);
    } catch {
      // what has arrived is converted nevertheless; the next fetch fails too if something is wrong
    }
    return batch;
  }

  /** @throws Error if an event was not stored. Its fact is delivered again after a moment, and holds up no other. */
  private async convert(batch: readonly JsMsg[]): Promise<void> {
    let { left, failure } = await this.publish(batch);
    while (FULL.test(failure) && !this.stopping.signal.aborted && (await this.room.make()))
      ({ left, failure } = await this.publish(left));
    for (const message of left) message.nak(RETRY_MS);
    if (left.length > 0) throw new Error(failure);
  }

  /** @returns those that were not stored, and why the first of them was not */
  private async publish(batch: readonly JsMsg[]): Promise<{ left: JsMsg[]; failure: string }> {
    const left: JsMsg[] = [];
    let failure = '';
    const outcomes = await Promise.allSettled(batch.map((message) => this.publishOne(message)));
    for (const [index, message] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status !== 'rejected') message.ack();
      else if (left.push(message) === 1) failure = errorMessage(outcome.reason);
    }
    return { left, failure };
  }

  private async publishOne({ subject, data: bytes, seq: number, info }: JsMsg): Promise<void> {
    const storedAt = new Date(Math.floor(info.timestampNanos / 1e6));
    const event = convertFact({ subject, bytes, number, storedAt }, this.bus.largestMessage);
    await this.bus.publishFact(event.subject, event.bytes);
    converted.inc({ class: event.of });
  }

  private succeeded(): void {
    if (this.failure !== undefined) this.log.info('OCSF events are published again');
    this.failures = 0;
    this.failure = undefined;
  }

  private failed(error: unknown): void {
    this.failures += 1;
    if (this.stopping.signal.aborted || this.failures < NOTED_FAILURE) return;
    if (this.failure === undefined) this.log.warn({ err: error }, 'OCSF events cannot be published; it will be retried');
    this.failure = errorMessage(error);
  }
}
