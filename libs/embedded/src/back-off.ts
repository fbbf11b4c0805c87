const FIRST_MS = 500;
const LAST_MS = 30_000;
const STEADY_MS = 60_000;

/** How long to wait before the next start of what keeps dying: from half a second, doubled each time, to half a minute. */
export class BackOff {
  private starts = 0;

  /** @param limit how many starts in a row there may be; a process that ran for a minute begins a new row */
  constructor(private readonly limit = Infinity) {}

  /**
   * The wait before the next start, in milliseconds; undefined when there have been enough.
   * @param ranMs how long the process ran, 0 for one that did not start
   */
  next(ranMs: number): number | undefined {
    if (ranMs > STEADY_MS) this.starts = 0;
    if (this.starts >= this.limit) return undefined;
    return Math.min(LAST_MS, FIRST_MS * 2 ** this.starts++);
  }
}
