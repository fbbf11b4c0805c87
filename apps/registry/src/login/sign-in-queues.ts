import { Injectable } from '@nestjs/common';
import { FairQueue } from './fair-queue.js';

/** How long an address counts as failed after a wrong attempt, in milliseconds. */
const FAILED_FOR_MS = 3600_000;
/** How many failed addresses are remembered; the oldest is dropped first. */
const MAX_FAILED = 50_000;

/**
 * Limits how many passwords are checked at a time, because each check takes some 20 ms of a processor and 19 MiB. Checks are
 * queued by client address. There are three kinds of addresses, each with a queue of its own, so that somebody with many
 * addresses can delay only those of the same kind:
 *
 *   known       somebody has signed in from there before
 *   newcomers   nobody has signed in from there, and nobody has failed
 *   failed      the last attempt from there, within an hour, was wrong: guessers, and people who mistyped at a new place
 */
@Injectable()
export class SignInQueues {
  private readonly known = new FairQueue({ concurrency: 2, waitingPerKey: 20, waiting: 200 });
  private readonly newcomers = new FairQueue({ concurrency: 2, waitingPerKey: 20, waiting: 200 });
  private readonly failed = new FairQueue({ concurrency: 1, waitingPerKey: 20, waiting: 200 });
  /** When each address last failed, by `performance.now()`; the oldest first. */
  private readonly failures = new Map<string, number>();

  /** Runs a check when it may run. @throws ProblemError 429 when too many are waiting already */
  run<T>(address: string, isKnown: boolean, work: () => Promise<T>): Promise<T> {
    return this.queueOf(address, isKnown).run(address, work);
  }

  /** Notes that an attempt from an address failed. */
  noteFailure(address: string): void {
    this.failures.delete(address);
    this.failures.set(address, performance.now());
    const [oldest] = this.failures.keys();
    if (this.failures.size > MAX_FAILED && oldest !== undefined) this.failures.delete(oldest);
  }

  /** Notes that an attempt from an address succeeded. */
  noteSuccess(address: string): void {
    this.failures.delete(address);
  }

  private queueOf(address: string, isKnown: boolean): FairQueue {
    if (isKnown) return this.known;
    const failedAt = this.failures.get(address);
    return failedAt !== undefined && performance.now() - failedAt < FAILED_FOR_MS ? this.failed : this.newcomers;
  }
}
