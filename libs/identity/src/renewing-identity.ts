import { setTimeout as sleep } from 'node:timers/promises';
import type { BackOff } from '@sluice/domain';
import type { OwnIdentity } from './own-identity.js';

/** How an identity is renewed. */
export interface Renewal<H> {
  /** Obtains a new certificate in place of the one held. */
  readonly renew: (held: H) => Promise<H>;
  /** Time from one renewal to the next, milliseconds. */
  readonly everyMs: number;
  /** Time to wait after a renewal that failed. */
  readonly backOff: BackOff;
  /** Called after each failure. It may stop the renewals permanently. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Repeats an attempt until it succeeds: how a process gets its first identity while the others are still starting.
 * @param onFailed called after each failure; what it throws ends the attempts
 */
export async function obtain<T>(attempt: () => Promise<T>, backOff: BackOff, onFailed: (error: unknown) => void): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      onFailed(error);
      await sleep(backOff.next());
    }
  }
}

/**
 * An identity that is renewed long before its certificate ends, for as long as the process runs.
 *
 *   held ──► everyMs ──► renew ──► held ...
 *              ▲           │ failed: after a wait that grows
 *          renewNow        └──► renew ...
 *
 * There is one renewal at a time, and one timer.
 */
export class RenewingIdentity<H extends { readonly own: OwnIdentity }> {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private readonly listeners = new Set<() => void>();

  /** @param current what is held at first; the first renewal is due after `everyMs` */
  constructor(
    private current: H,
    private readonly renewal: Renewal<H>,
  ) {
    this.schedule(renewal.everyMs);
  }

  /** The latest that was obtained. */
  get held(): H {
    return this.current;
  }

  /** Key and certificate of the latest. */
  get own(): OwnIdentity {
    return this.current.own;
  }

  /** Calls `listener` after each renewal. */
  afterRenewal(listener: () => void): void {
    this.listeners.add(listener);
  }

  /**
   * Renews now, because the present certificate is no longer accepted. A renewal that is under way is followed by another:
   * it may have been answered before that. Resolves when there is nothing more to do, successful or not.
   */
  renewNow(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    clearTimeout(this.timer);
    this.again = this.running !== undefined;
    return (this.running ??= this.run());
  }

  /** Renews no more. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async run(): Promise<void> {
    let waitMs: number;
    do {
      this.again = false;
      waitMs = await this.attempt();
    } while (this.again && !this.stopped);
    this.running = undefined;
    if (!this.stopped) this.schedule(waitMs);
  }

  /** @returns milliseconds until the next one is due */
  private async attempt(): Promise<number> {
    const { renew, everyMs, backOff, onFailed } = this.renewal;
    try {
      this.current = await renew(this.current);
      for (const listener of this.listeners) listener();
      backOff.reset();
      return everyMs;
    } catch (error) {
      onFailed(error);
      return backOff.next();
    }
  }

  private schedule(inMs: number): void {
    this.timer = setTimeout(() => void this.renewNow(), inMs).unref();
  }
}
