import { Tally } from '@sluice/domain';

const SECOND_MS = 1000;

/** Counts by key how many connections began within the current second, to limit their rate. */
export class RateCounter {
  private readonly begun = new Tally();
  private since = 0;

  /** Counts one more. @returns whether it exceeds the limit `max`; 0 means no limit */
  exceeds(key: string, max: number): boolean {
    if (performance.now() - this.since >= SECOND_MS) {
      this.begun.clear();
      this.since = performance.now();
    }
    if (max > 0 && this.begun.of(key) >= max) return true;
    this.begun.add(key);
    return false;
  }
}
