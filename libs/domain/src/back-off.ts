/** Exponential back-off: the delay doubles after each failure, up to a maximum, and is reset by a success. */
export class BackOff {
  private ms: number;

  /**
   * @param firstMs the first delay, in milliseconds
   * @param lastMs the longest delay, in milliseconds
   * @param random 0 to 1: each delay is between half of its length and all of it, so that many processes do not retry at the same time
   */
  constructor(
    private readonly firstMs: number,
    private readonly lastMs: number,
    private readonly random: () => number = Math.random,
  ) {
    this.ms = firstMs;
  }

  /** The longest that the next delay can be, in milliseconds. */
  get longest(): number {
    return this.ms;
  }

  /** Takes the next delay, in milliseconds. */
  next(): number {
    const wait = this.ms * (0.5 + this.random() / 2);
    this.ms = Math.min(this.lastMs, this.ms * 2);
    return wait;
  }

  /** Resets the delay after a success. */
  reset(): void {
    this.ms = this.firstMs;
  }
}
