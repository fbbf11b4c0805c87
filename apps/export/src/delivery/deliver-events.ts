import { setTimeout as sleep } from 'node:timers/promises';
import type { BackOff } from '@sluice/domain';
import { BatchRefusedError, type Destination, type RefusedEvent, RetryLaterError } from '../destination/destination.js';
import type { AuditEvent } from '../event/audit-event.js';
import type { ReceivedAuditEvent } from '../reader/reader-events.js';

/**
 * From how many events in a row on a refusal is doubted: a destination that is set up wrongly refuses everything, and what is
 * refused for good is not sent again.
 */
const DOUBTED_AFTER = 10;

/**
 * After how many failures in a row events are sent in halves, and an event by itself is postponed: with back-off, some two minutes.
 * Perhaps the destination fails on one of them.
 */
const APART_AFTER = 8;

/** When a delivery ends early. */
export interface DeliverySignals {
  /** Nothing is tried again. */
  readonly stopping: AbortSignal;
  /** A request under way is given up. */
  readonly abandoning: AbortSignal;
}

/** What happens to events, and where it is noted. */
export interface DeliveryHooks {
  readonly destination: Destination;
  readonly backOff: BackOff;
  /** Events were taken. */
  onDelivered(events: number): void;
  /** Nothing was taken, and it will be tried again. */
  onFailed(error: unknown, retryMs: number): void;
  /** Notes an event that is refused for good. @throws Error if it could not be noted; it is then tried again */
  quarantine(event: AuditEvent, reason: string): Promise<void>;
  /** An event was postponed: NATS delivers it again later. */
  onPostponed(event: AuditEvent): void;
}

/**
 * Delivers events in their order, each until the destination has taken it or refuses it for good. Only then is it acknowledged.
 *
 *   taken ──► acknowledged
 *   refused together ──► the halves by themselves, down to the one that is meant ──► quarantined
 *   anything else ──► back-off, and again ──► after many times the halves by themselves, down to one ──► postponed for a while
 *
 * It knows how many events were refused in a row: from the eleventh on, each is tried once more after the back-off. So a
 * destination that is set up wrongly puts few events into quarantine until somebody looks, and yet none holds up others for good.
 */
export class EventDelivery {
  private refusedInRow = 0;

  constructor(private readonly hooks: DeliveryHooks) {}

  /** Resolves when all events are settled. @throws a signal's reason if it aborts first: the caller then has events that are not settled */
  async deliver(received: readonly ReceivedAuditEvent[], signals: DeliverySignals): Promise<void> {
    const waiting = new Map(received.map((one) => [one.event, one]));
    await this.send([...waiting.keys()], waiting, signals);
  }

  private async send(
    events: readonly AuditEvent[],
    waiting: ReadonlyMap<AuditEvent, ReceivedAuditEvent>,
    signals: DeliverySignals,
  ): Promise<void> {
    const [first] = events;
    const wasPostponed = first !== undefined && waiting.get(first)?.wasPostponed === true; // then it is by itself
    const refused = await this.tried(events, signals, wasPostponed ? 1 : APART_AFTER);
    if (refused === 'failed' && first !== undefined && events.length === 1) return this.postpone(first, waiting.get(first));
    if (refused === 'together' || refused === 'failed') {
      const middle = Math.ceil(events.length / 2);
      await this.send(events.slice(0, middle), waiting, signals);
      return this.send(events.slice(middle), waiting, signals);
    }
    const reasons = new Map(refused.map(({ event, reason }) => [event, reason]));
    const taken = events.filter((event) => !reasons.has(event));
    for (const event of taken) waiting.get(event)?.ack();
    if (taken.length > 0) {
      this.hooks.backOff.reset();
      this.hooks.onDelivered(taken.length);
    }
    for (const event of events) {
      const reason = reasons.get(event);
      if (reason === undefined) this.refusedInRow = 0;
      else await this.refuse(event, reason, waiting.get(event), signals);
    }
  }

  /**
   * Sends events until the destination accepts or refuses them, or has failed many times.
   * @returns which of them it refuses for good, that it refuses several together, or that it has failed
   */
  private async tried(
    events: readonly AuditEvent[],
    signals: DeliverySignals,
    times = APART_AFTER,
  ): Promise<readonly RefusedEvent[] | 'together' | 'failed'> {
    for (let time = 0; time < times; time++) {
      signals.abandoning.throwIfAborted();
      try {
        return await this.hooks.destination.send(events, signals.abandoning);
      } catch (error) {
        if (error instanceof BatchRefusedError) {
          const [event, ...others] = events;
          return event === undefined || others.length > 0 ? 'together' : [{ event, reason: error.message }];
        }
        await this.wait(error, signals);
      }
    }
    return 'failed';
  }

  private postpone(event: AuditEvent, received: ReceivedAuditEvent | undefined): void {
    this.hooks.onPostponed(event);
    received?.postpone();
  }

  private async refuse(
    event: AuditEvent,
    reason: string,
    received: ReceivedAuditEvent | undefined,
    signals: DeliverySignals,
  ): Promise<void> {
    if (this.refusedInRow >= DOUBTED_AFTER) {
      const count = this.refusedInRow + 1;
      await this.wait(
        new Error(`${count} events in a row were refused, so the destination may be set up wrongly: ${reason}`),
        signals,
      );
      const again = await this.tried([event], signals);
      if (again === 'failed') return this.postpone(event, received);
      if (again !== 'together' && again.length === 0) {
        this.refusedInRow = 0;
        this.hooks.backOff.reset();
        this.hooks.onDelivered(1);
        return received?.ack();
      }
    }
    for (;;) {
      try {
        await this.hooks.quarantine(event, reason);
        break;
      } catch (error) {
        await this.wait(error, signals);
      }
    }
    this.refusedInRow += 1;
    received?.term('refused by the destination');
  }

  private async wait(error: unknown, { stopping }: DeliverySignals): Promise<void> {
    stopping.throwIfAborted();
    const ms = Math.max(this.hooks.backOff.next(), error instanceof RetryLaterError ? error.afterMs : 0);
    this.hooks.onFailed(error, ms);
    await sleep(ms, undefined, { signal: stopping });
  }
}
