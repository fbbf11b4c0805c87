import type { AuditEvent } from '../event/audit-event.js';

/** An event that a destination refuses for good, and why. */
export interface RefusedEvent {
  readonly event: AuditEvent;
  readonly reason: string;
}

/** Where events are exported to. An export process has one. */
export interface Destination {
  /** Where it is, for people: never with a path or a query of a URL, which can be secret. */
  readonly name: string;
  /**
   * Resolves when the destination has taken all the events, except for those that it returns because it refuses them for good.
   * One call at a time.
   * @throws BatchRefusedError if it refuses them together for good, without saying which of them it means
   * @throws any other error if the same events should be sent again later: `RetryLaterError` says when
   */
  send(events: readonly AuditEvent[], signal: AbortSignal): Promise<readonly RefusedEvent[]>;
  /** Ends connections and open files in order. */
  close(): Promise<void>;
}

/** Thrown when a destination refuses a request for good because of its content: sent again, it would be refused again. */
export class BatchRefusedError extends Error {
  override readonly name = 'BatchRefusedError';
}

/** Thrown when a destination says how long it wants to be left alone. */
export class RetryLaterError extends Error {
  override readonly name = 'RetryLaterError';

  /** @param afterMs at least this many milliseconds */
  constructor(
    message: string,
    readonly afterMs: number,
  ) {
    super(message);
  }
}
