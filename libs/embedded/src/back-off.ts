const FIRST_MS = 500;
const LAST_MS = 30_000;
const STEADY_MS = 60_000;

/** How long to wait before the next start of what keeps dying: from half a second, doubled each time, to half a minute. */
export class BackOff {
  private starts = 0;

  /**
   * The wait before the next start, in milliseconds. A process that ran for a minute begins anew.
   * @param ranMs how long the process ran, 0 for one that did not start
   */
  next(ranMs: number): number {
    if (ranMs > STEADY_MS) this.starts = 0;
    return Math.min(LAST_MS, FIRST_MS * 2 ** this.starts++);
  }
}
