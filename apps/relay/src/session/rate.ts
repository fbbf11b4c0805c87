/** How fast a total grows between two looks at it. */
export class Rate {
  private total = 0;

  /** @param atMs the present time in milliseconds, when the total is 0 */
  constructor(private atMs: number) {}

  /** What the total grew by each second since the last look, rounded. */
  look(total: number, nowMs: number): number {
    const seconds = (nowMs - this.atMs) / 1000;
    const rate = seconds > 0 ? Math.max(0, Math.round((total - this.total) / seconds)) : 0;
    this.total = total;
    this.atMs = nowMs;
    return rate;
  }
}
