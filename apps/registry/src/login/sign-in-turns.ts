import { Injectable } from '@nestjs/common';
import { FairTurns } from './fair-turns.js';

/** Each piece of work is a check of a password, some 20 ms of a processor and 19 MiB. Keys are addresses. */
@Injectable()
export class SignInTurns extends FairTurns {
  constructor() {
    super({ atOnce: 3, waitingOfOne: 20, waiting: 200 });
  }
}
