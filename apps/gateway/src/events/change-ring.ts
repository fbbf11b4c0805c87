import { ChangeFold } from './change-fold.js';

/** How many folds are kept, at one a second at most, and ids in all of them. */
const MAX_FOLDS = 300;
const MAX_IDS = 50_000;

/**
 * The changes of the last minutes, numbered, so that a browser can continue where it was after a short interruption.
 *
 *   floor ── kept: floor+1 ... last ──► what is asked for from before the floor was missed
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

  /** Adds what changed since the last one. */
  push(fold: ChangeFold): void {
    this.folds.push(fold);
    this.ids += fold.size;
    this.last++;
    while (this.folds.length > MAX_FOLDS || (this.ids > MAX_IDS && this.folds.length > 1))
      this.ids -= this.folds.shift()?.size ?? 0;
  }

  /** Forgets all: something was missed, and nobody can go on from before. */
  reset(): void {
    this.folds.length = 0;
    this.ids = 0;
    this.last++;
  }

  /** Everything since a message, folded; undefined where that is not known. */
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
