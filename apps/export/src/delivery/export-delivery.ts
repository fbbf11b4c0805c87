import { setTimeout as sleep } from 'node:timers/promises';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { BackOff } from '@sluice/domain';
import { errorMessage, LimitedLog, type Log } from '@sluice/process';
import type { ReportsReadiness } from '@sluice/process/nest';
import type { Destination } from '../destination/destination.js';
import type { ReaderEvents, ReceivedAuditEvent } from '../reader/reader-events.js';
import { batchesOf } from './batches.js';
import { EventDelivery } from './deliver-events.js';
import { countDelivered, countFailure, measureLag } from './delivery-metrics.js';
import type { Quarantine } from './quarantine.js';

/** How long to wait after a failure: the first time, and at most; in milliseconds. */
const RETRY = { firstMs: 500, mostMs: 60_000 };
/** How often the lag is asked for, in milliseconds. */
const LAG_EVERY_MS = 15_000;
/** How long stopping waits for a request under way, in milliseconds. Without its response, the events would be delivered twice. */
const FINISH_WITHIN_MS = 8000;

/** What an export consists of. */
interface ExportParts {
  readonly events: ReaderEvents;
  readonly destination: Destination;
  readonly quarantine: Quarantine;
  /** Maximum bytes of events in one request. */
  readonly batchBytes: number;
  readonly log: Log;
}

/**
 * Receives the events of the SIEM reader and delivers them to the destination, one batch after the other, for as long as the process
 * runs. When it stops, a request under way is completed, and what is not delivered goes back to NATS, for another copy or the next run.
 */
export class ExportDelivery implements OnApplicationBootstrap, BeforeApplicationShutdown, ReportsReadiness {
  private readonly stopping = new AbortController();
  private readonly abandoning = new AbortController();
  private running: Promise<unknown> | undefined;
  /** What does not work at present. */
  private readonly troubles = new Map<'reader' | 'destination', string>();
  private readonly backOff = new BackOff(RETRY.firstMs, RETRY.mostMs);
  private readonly limited: LimitedLog;
  private readonly delivery: EventDelivery;

  constructor(private readonly parts: ExportParts) {
    const { destination, quarantine, log } = parts;
    this.limited = new LimitedLog(log, 5, 60_000);
    this.delivery = new EventDelivery({
      destination,
      backOff: new BackOff(RETRY.firstMs, RETRY.mostMs),
      onDelivered: (events) => this.delivered(events),
      onFailed: (error, retryMs) => this.failed(error, retryMs),
      quarantine: (event, reason) => quarantine.add(event, reason),
      onPostponed: ({ number, id, subject }) =>
        this.limited.warn(
          { number, id, subject },
          'the destination fails on an event again and again; others are delivered first',
        ),
    });
  }

  readiness(): { degraded: string[] } {
    return { degraded: [...this.troubles.values()] };
  }

  onApplicationBootstrap(): void {
    this.running = Promise.all([this.run(), this.followLag()]);
  }

  async beforeApplicationShutdown(): Promise<void> {
    const { destination, quarantine, events } = this.parts;
    this.stopping.abort();
    const timer = setTimeout(() => this.abandoning.abort(), FINISH_WITHIN_MS);
    await this.running;
    clearTimeout(timer);
    events.stop();
    await destination.close();
    quarantine.close();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const received = await this.parts.events.next(signal);
        this.troubles.delete('reader');
        this.backOff.reset();
        await this.deliverAll(received);
      } catch (error) {
        this.parts.events.release();
        const why = errorMessage(error);
        this.troubles.set('reader', `the events of the reader cannot be received: ${why}`);
        this.limited.warn({ why }, 'the events of the reader cannot be received; it will be retried');
        this.parts.log.debug({ err: error }, 'the events of the reader cannot be received');
        await sleep(this.backOff.next(), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Delivers events. What could not be delivered before the process stops goes back to NATS later, with everything that is held. */
  private async deliverAll(received: readonly ReceivedAuditEvent[]): Promise<void> {
    const signals = { stopping: this.stopping.signal, abandoning: this.abandoning.signal };
    try {
      for (const batch of batchesOf(received, this.parts.batchBytes)) await this.delivery.deliver(batch, signals);
    } catch (error) {
      if (!this.stopping.signal.aborted) throw error;
    }
  }

  private delivered(events: number): void {
    countDelivered(events);
    if (this.troubles.delete('destination'))
      this.parts.log.info({ destination: this.parts.destination.name }, 'the destination accepts events again');
  }

  private failed(error: unknown, retryMs: number): void {
    const why = errorMessage(error);
    countFailure();
    this.troubles.set('destination', `${this.parts.destination.name} does not accept events: ${why}`);
    this.limited.warn(
      { destination: this.parts.destination.name, why, retryMs: Math.round(retryMs) },
      'events were not delivered; it will be retried',
    );
  }

  private async followLag(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      measureLag(await this.parts.events.lag().catch(() => -1));
      await sleep(LAG_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
