import { Injectable } from '@nestjs/common';
import { FairTurns } from './fair-turns.js';

/**
 * Each piece of work is a check of a password, some 20 ms of a processor and 19 MiB. Keys are addresses. Addresses from which
 * somebody has signed in before have turns of their own: whoever has more addresses than may wait takes those of strangers only.
 */
@Injectable()
export class SignInTurns {
  private readonly strangers = new FairTurns({ atOnce: 3, waitingOfOne: 20, waiting: 200 });
  private readonly known = new FairTurns({ atOnce: 2, waitingOfOne: 20, waiting: 200 });

  /** Does the work when it is its turn. @throws ProblemError 429 where too much waits already */
  take<T>(address: string, isKnown: boolean, work: () => Promise<T>): Promise<T> {
    return (isKnown ? this.known : this.strangers).take(address, work);
  }
}
