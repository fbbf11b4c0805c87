import { setTimeout as sleep } from 'node:timers/promises';
import type { BackOff } from '@sluice/domain';
import type { OwnIdentity } from './own-identity.js';

/** How an identity is renewed. */
export interface Renewal<H> {
  /** Obtains a new certificate to replace the present one. */
  readonly renew: (held: H) => Promise<H>;
  /** Time from one renewal to the next, in milliseconds. */
  readonly everyMs: number;
  /** Delays after failed renewals. */
  readonly backOff: BackOff;
  /** Called after each failure. It may stop the renewals permanently. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Repeats an attempt until it succeeds. A process obtains its first identity this way, while other processes are still starting.
 * @param onFailed called after each failure; what it throws ends the attempts
 * @param signal ends the attempts too, and the wait between them
 * @throws Error what `onFailed` throws, or an AbortError
 */
export async function obtain<T>(
  attempt: () => Promise<T>,
  backOff: BackOff,
  onFailed: (error: unknown) => void,
  signal?: AbortSignal,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      onFailed(error);
      await sleep(backOff.next(), undefined, { signal });
    }
  }
}

/**
 * An identity that is renewed long before its certificate expires, for as long as the process runs.
 *
 *   held ──► everyMs ──► renew ──► held ...
 *              ▲           │ failed: after a growing delay
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

  /** @param current the first identity; its renewal is due after `everyMs` */
  constructor(
    private current: H,
    private readonly renewal: Renewal<H>,
  ) {
    this.schedule(renewal.everyMs);
  }

  /** The newest one that was obtained. */
  get held(): H {
    return this.current;
  }

  /** Key and certificate of the newest one. */
  get own(): OwnIdentity {
    return this.current.own;
  }

  /** Calls `listener` after each renewal. */
  afterRenewal(listener: () => void): void {
    this.listeners.add(listener);
  }

  /**
   * Renews now, because the present certificate is no longer accepted. If a renewal is already under way, another one follows,
   * because the first may return a certificate that is not accepted either. Resolves when both have finished, successfully or not.
   */
  renewNow(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    clearTimeout(this.timer);
    this.again = this.running !== undefined;
    return (this.running ??= this.run());
  }

  /** Renews at a random moment within a time, so that many who learn of the same change do not ask at once. */
  renewWithin(ms: number): void {
    if (this.running)
      this.again = true; // what is under way may have been asked for too early
    else if (!this.stopped) this.schedule(Math.random() * ms);
  }

  /** Stops the renewals. */
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
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.renewNow(), inMs).unref();
  }
}
