/** How long to wait before the next try: twice as long after each failure, up to a limit, and short again after a success. */
export class BackOff {
  private ms: number;

  /**
   * @param firstMs the first wait, milliseconds
   * @param lastMs the longest wait, milliseconds
   * @param random 0 to 1: each wait is between half of its length and all of it, so that many do not try at the same moment
   */
  constructor(
    private readonly firstMs: number,
    private readonly lastMs: number,
    private readonly random: () => number = Math.random,
  ) {
    this.ms = firstMs;
  }

  /** The longest that the next wait can be, milliseconds. */
  get longest(): number {
    return this.ms;
  }

  /** Takes the next wait, milliseconds. */
  next(): number {
    const wait = this.ms * (0.5 + this.random() / 2);
    this.ms = Math.min(this.lastMs, this.ms * 2);
    return wait;
  }

  /** A try succeeded. */
  reset(): void {
    this.ms = this.firstMs;
  }
}
