import { ChangeFold } from './change-fold.js';

/** How many folds are stored (there is at most one a second), and how many ids in all of them. */
const MAX_FOLDS = 300;
const MAX_IDS = 50_000;

/**
 * The changes of the last minutes, numbered, so that a browser can continue after a short interruption.
 *
 *   dropped ── floor ── floor+1 ... last      a browser whose last message is older than the floor has to read everything again
 */
export class ChangeRing {
  private readonly folds: ChangeFold[] = [];
  private ids = 0;
  private last = 0;

  /** @param run identifies this run of the gateway */
  constructor(private readonly run: string) {}

  /** The id of the newest message. */
  get lastId(): string {
    return `${this.run}-${this.last}`;
  }

  /** Adds the changes since the previous fold. */
  push(fold: ChangeFold): void {
    this.folds.push(fold);
    this.ids += fold.size;
    this.last++;
    while (this.folds.length > MAX_FOLDS || (this.ids > MAX_IDS && this.folds.length > 1))
      this.ids -= this.folds.shift()?.size ?? 0;
  }

  /** Forgets everything, because changes were missed: no browser can continue from an earlier message. */
  reset(): void {
    this.folds.length = 0;
    this.ids = 0;
    this.last++;
  }

  /** All changes since a message, in one fold; undefined if they are no longer stored. */
  since(id: string): ChangeFold | undefined {
    const [, run, digits] = /^(.+)-(\d{1,15})$/.exec(id) ?? [];
    const number = run === this.run ? Number(digits) : Number.NaN;
    const floor = this.last - this.folds.length;
    if (!Number.isInteger(number) || number < floor || number > this.last) return undefined;
    const all = new ChangeFold();
    for (const fold of this.folds.slice(number - floor)) all.addFold(fold);
    return all;
  }
}
