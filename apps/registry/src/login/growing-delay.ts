import { tooMany } from '@sluice/contracts';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { DataSource } from 'typeorm';

/** How fast a key may try. */
export interface Pace {
  /** Also the prefix of its keys. */
  readonly name: string;
  /** Attempts that are let through at once. */
  readonly free: number;
  /** The wait after the first attempt beyond these; it doubles with each. */
  readonly firstSeconds: number;
  /** The wait grows no longer than this. */
  readonly mostSeconds: number;
  /** Attempts are forgotten so long after the first. */
  readonly windowSeconds: number;
}

/** The seconds to wait after attempt number `attempt`, counted from 1. */
export const delayAfter = (pace: Pace, attempt: number): number =>
  attempt <= pace.free ? 0 : Math.min(pace.mostSeconds, pace.firstSeconds * 2 ** Math.min(30, attempt - pace.free - 1));

/**
 * Slows repeated failures: some attempts are free, each further one is followed by a wait twice as long as the one before, and
 * nobody is ever shut out. An attempt counts before it is known how it ends, so that many at once are counted too. Counts
 * are in PostgreSQL, the same for all registries.
 */
export class GrowingDelay {
  private readonly attempts: RateLimiterPostgres;
  private readonly waits: RateLimiterPostgres;

  constructor(
    database: DataSource,
    private readonly pace: Pace,
  ) {
    const store = { storeClient: database, storeType: 'typeorm', tableName: 'sign_in_limit', tableCreated: true };
    this.attempts = new RateLimiterPostgres({
      ...store,
      keyPrefix: `${pace.name}-attempts`,
      points: pace.free,
      duration: pace.windowSeconds,
    });
    this.waits = new RateLimiterPostgres({ ...store, keyPrefix: `${pace.name}-wait`, points: 1, duration: pace.mostSeconds });
  }

  /** Counts an attempt. @throws ProblemError 429 while the wait of an earlier one lasts */
  async enter(key: string): Promise<void> {
    const wait = await this.waits.get(key);
    if (wait !== null && wait.msBeforeNext > 0) throw this.refusal(wait);
    const { consumedPoints } = await this.attempts.penalty(key);
    const delay = delayAfter(this.pace, consumedPoints);
    if (delay === 0) return;
    try {
      await this.waits.consume(key, 1, { customDuration: delay });
    } catch (error) {
      throw error instanceof RateLimiterRes ? this.refusal(error) : error; // another one was let through a moment ago
    }
  }

  /** Takes back the count of an attempt that was right. */
  async takeBack(key: string): Promise<void> {
    await this.attempts.reward(key);
  }

  /** Forgets every attempt of a key. */
  async forget(key: string): Promise<void> {
    await Promise.all([this.attempts.delete(key), this.waits.delete(key)]);
  }

  private refusal({ msBeforeNext }: RateLimiterRes) {
    return tooMany('too_many_failures', 'too many failed sign-ins', Math.max(1, Math.ceil(msBeforeNext / 1000)));
  }
}
