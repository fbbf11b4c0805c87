import type { FactsWaiting } from '@sluice/contracts';

interface Place {
  /** Of the fact's message in the stream. */
  readonly sequence: number;
  /** Whether the fact was missing when the stream was last looked at. */
  missing: boolean;
}

/**
 * Which facts JetStream has acknowledged and where they stand in the stream, until the audit service has stored them. An
 * acknowledgement is no lasting promise: a stream may be lost, or go back to an earlier state with its machine.
 */
export class Acknowledged {
  private readonly places = new Map<number, Place>();
  private through = 0;

  /** How many are acknowledged and not stored. */
  get count(): number {
    return this.places.size;
  }

  /** Whether JetStream or the audit service has this fact. */
  has(number: number): boolean {
    return number <= this.through || this.places.has(number);
  }

  /** Takes an acknowledgement. */
  take(number: number, sequence: number): void {
    if (number > this.through) this.places.set(number, { sequence, missing: false });
  }

  /** All facts up to this number are stored. */
  storedThrough(through: number): void {
    this.through = Math.max(this.through, through);
    for (const number of this.places.keys()) if (number <= through) this.places.delete(number);
  }

  /**
   * Compares with what waits in the stream, and forgets what is there no more. One look alone may come between a fact and
   * the message that it is stored, or be older than the fact: missing is what two looks in a row have missed.
   * @returns the numbers of the facts that have to be published again
   */
  forgetMissing({ from, to }: FactsWaiting): number[] {
    const missing: number[] = [];
    for (const [number, place] of this.places) {
      const there = from <= place.sequence && place.sequence <= to;
      if (!there && place.missing) missing.push(number);
      place.missing = !there;
    }
    for (const number of missing) this.places.delete(number);
    return missing;
  }
}
