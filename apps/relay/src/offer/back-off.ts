const FIRST_MS = 250;
const LAST_MS = 5000;

/** How long to wait before the next try: longer after each failure, short again after a success. */
export class BackOff {
  private ms = FIRST_MS;

  /** Milliseconds of the next wait, at most. */
  get present(): number {
    return this.ms;
  }

  /** Takes the next wait, milliseconds: between half and all of it, so that many do not try at once. */
  next(): number {
    const wait = this.ms * (0.5 + Math.random() / 2);
    this.ms = Math.min(LAST_MS, this.ms * 2);
    return wait;
  }

  /** A try went well. */
  reset(): void {
    this.ms = FIRST_MS;
  }
}
