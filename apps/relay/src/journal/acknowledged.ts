import type { FactsWaiting } from '@sluice/contracts';

interface Place {
  /** Sequence number of the fact's message in the stream. */
  readonly sequence: number;
  /** Whether the fact was missing at the last inspection of the stream. */
  missing: boolean;
}

/**
 * Tracks which facts JetStream has acknowledged, and their position in the stream, until the audit service has stored them.
 * An acknowledgement is not final: a stream can be lost, or be restored to an earlier state together with its machine.
 */
export class Acknowledged {
  private readonly places = new Map<number, Place>();
  private through = 0;

  /** The number of facts that are acknowledged and not stored yet. */
  get count(): number {
    return this.places.size;
  }

  /** Whether JetStream or the audit service has this fact. */
  has(number: number): boolean {
    return number <= this.through || this.places.has(number);
  }

  /** Notes an acknowledgement. */
  take(number: number, sequence: number): void {
    if (number > this.through) this.places.set(number, { sequence, missing: false });
  }

  /** Notes that all facts up to this number are stored. */
  storedThrough(through: number): void {
    this.through = Math.max(this.through, through);
    for (const number of this.places.keys()) if (number <= through) this.places.delete(number);
  }

  /**
   * Compares with the facts waiting in the stream, and forgets those that are no longer there. A fact counts as lost only
   * after two inspections in a row did not find it: a single one may be older than the fact, or may come after the fact was
   * stored and before that acknowledgement.
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
