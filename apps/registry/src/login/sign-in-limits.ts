import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GrowingDelay } from './growing-delay.js';

/** Somebody who tries to sign in, as limits count them. */
export interface Applicant {
  /** Stands for the account, or for the e-mail if there is no such account. */
  readonly accountKey: string;
  /** The client address, as returned by `addressKey`. */
  readonly address: string;
  /** Whether this account has signed in from this address before. */
  readonly known: boolean;
}

/**
 * Limits how fast passwords can be guessed, by three independent counts:
 *
 *   account at an address   5 free, then 2 s, 4 s ... 5 min: one guesser, one account
 *   address                 20 free, then 1 s ... 60 s: one guesser, many accounts
 *   account                 50 free, then one attempt every 2 s: many guessers, one account; it slows and never locks
 *
 * Only the first one applies to an address from which the account has signed in before, so that guesses of others do not
 * keep the owner out.
 */
@Injectable()
export class SignInLimits {
  private readonly pair: GrowingDelay;
  private readonly address: GrowingDelay;
  private readonly account: GrowingDelay;

  constructor(database: DataSource) {
    const hour = { windowSeconds: 3600 };
    this.pair = new GrowingDelay(database, { name: 'pair', free: 5, firstSeconds: 2, maxSeconds: 300, ...hour });
    this.address = new GrowingDelay(database, { name: 'address', free: 20, firstSeconds: 1, maxSeconds: 60, ...hour });
    this.account = new GrowingDelay(database, { name: 'account', free: 50, firstSeconds: 2, maxSeconds: 2, ...hour });
  }

  /** Counts an attempt. @throws ProblemError 429 with the seconds to wait */
  async enter(applicant: Applicant): Promise<void> {
    await this.pair.enter(pairKey(applicant));
    if (applicant.known) return;
    try {
      await this.address.enter(applicant.address);
      await this.account.enter(applicant.accountKey);
    } catch (error) {
      await this.pair.takeBack(pairKey(applicant)); // no password was checked
      throw error;
    }
  }

  /** Notes that the attempt succeeded. Neither it nor earlier failures for this account from this address count any more. */
  async succeed(applicant: Applicant): Promise<void> {
    await this.pair.forget(pairKey(applicant));
    if (applicant.known) return;
    await this.address.takeBack(applicant.address);
    await this.account.takeBack(applicant.accountKey);
  }
}

const pairKey = ({ accountKey, address }: Applicant): string => `${accountKey} ${address}`;
