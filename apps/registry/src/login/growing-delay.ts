import { tooMany } from '@sluice/contracts';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { DataSource } from 'typeorm';

/** How often attempts are allowed for a key. */
export interface Pace {
  /** Name of the limit, and prefix of its keys in the database. */
  readonly name: string;
  /** Number of attempts without a wait. */
  readonly free: number;
  /** The wait after the first attempt beyond these; it doubles with each further one. */
  readonly firstSeconds: number;
  /** The maximum wait. */
  readonly maxSeconds: number;
  /** Attempts are dropped from the count this long after the first. */
  readonly windowSeconds: number;
}

/** The seconds to wait after attempt number `attempt`, counted from 1. */
export const delayAfter = (pace: Pace, attempt: number): number =>
  attempt <= pace.free ? 0 : Math.min(pace.maxSeconds, pace.firstSeconds * 2 ** Math.min(30, attempt - pace.free - 1));

/**
 * Slows down repeated failures: some attempts are free, and each further one is followed by a wait twice as long as the one
 * before, up to a maximum, so that nobody is ever locked out. An attempt is counted before its result is known, so that
 * simultaneous attempts are counted too. The counts are in PostgreSQL and shared by all registries.
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
    this.waits = new RateLimiterPostgres({ ...store, keyPrefix: `${pace.name}-wait`, points: 1, duration: pace.maxSeconds });
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
      throw error instanceof RateLimiterRes ? this.refusal(error) : error; // a simultaneous attempt was admitted first
    }
  }

  /** Removes an attempt that succeeded from the count. */
  async takeBack(key: string): Promise<void> {
    await this.attempts.reward(key);
  }

  /** Resets the count and the wait of a key. */
  async forget(key: string): Promise<void> {
    await Promise.all([this.attempts.delete(key), this.waits.delete(key)]);
  }

  private refusal({ msBeforeNext }: RateLimiterRes) {
    return tooMany('too_many_failures', 'too many failed sign-ins', Math.max(1, Math.ceil(msBeforeNext / 1000)));
  }
}
