import { Injectable } from '@nestjs/common';
import { FairTurns } from './fair-turns.js';

/** How long an address counts as one that failed, in milliseconds. */
const FAILED_FOR_MS = 3600_000;
/** Addresses that are remembered so; the oldest goes first. */
const MOST_FAILED = 50_000;

/**
 * Each piece of work is a check of a password, some 20 ms of a processor and 19 MiB. Keys are addresses, and there are three
 * sorts of them, with turns of their own, so that whoever has more addresses than may wait takes those of their sort only:
 *
 *   known       somebody has signed in from there before
 *   newcomers   nobody has, and nobody has failed
 *   failed      the last attempt within an hour was wrong: guessers, and who mistyped in a new place
 */
@Injectable()
export class SignInTurns {
  private readonly known = new FairTurns({ atOnce: 2, waitingOfOne: 20, waiting: 200 });
  private readonly newcomers = new FairTurns({ atOnce: 2, waitingOfOne: 20, waiting: 200 });
  private readonly failed = new FairTurns({ atOnce: 1, waitingOfOne: 20, waiting: 200 });
  /** When each address failed last, by the clock below; the oldest first. */
  private readonly failures = new Map<string, number>();

  /** Does the work when it is its turn. @throws ProblemError 429 where too much waits already */
  take<T>(address: string, isKnown: boolean, work: () => Promise<T>): Promise<T> {
    return this.turnsOf(address, isKnown).take(address, work);
  }

  /** An attempt from an address was wrong. */
  noteFailure(address: string): void {
    this.failures.delete(address);
    this.failures.set(address, performance.now());
    const [oldest] = this.failures.keys();
    if (this.failures.size > MOST_FAILED && oldest !== undefined) this.failures.delete(oldest);
  }

  /** An attempt from an address was right. */
  noteSuccess(address: string): void {
    this.failures.delete(address);
  }

  private turnsOf(address: string, isKnown: boolean): FairTurns {
    if (isKnown) return this.known;
    const failedAt = this.failures.get(address);
    return failedAt !== undefined && performance.now() - failedAt < FAILED_FOR_MS ? this.failed : this.newcomers;
  }
}
