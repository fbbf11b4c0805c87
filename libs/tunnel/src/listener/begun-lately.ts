import { Tally } from '@sluice/domain';

const SECOND_MS = 1000;

/** How many began within this second, by a key. */
export class BegunLately {
  private readonly begun = new Tally();
  private since = 0;

  /** Counts one more. @returns whether that is one too many; `most` 0 is no limit. */
  exceeds(key: string, most: number): boolean {
    if (performance.now() - this.since >= SECOND_MS) {
      this.begun.clear();
      this.since = performance.now();
    }
    if (most > 0 && this.begun.of(key) >= most) return true;
    this.begun.add(key);
    return false;
  }
}
