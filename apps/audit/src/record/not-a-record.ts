import type { ReceivedFact } from '../fact/read-fact.js';

/** A fact that cannot become part of a record, and why. */
export interface Rejected {
  readonly fact: ReceivedFact;
  readonly kind: 'quarantined' | 'conflict';
  readonly reason: string;
}

/** The content of a fact is impossible, or contradicts what is recorded already, so a retry would not help. */
export class NotARecordError extends Error {
  constructor(
    message: string,
    readonly kind: 'quarantined' | 'conflict' = 'quarantined',
  ) {
    super(message);
  }
}

/** Thrown for a fact about another relay's session. */
export const anotherRelays = (): Error => new NotARecordError('the session belongs to another relay');
