/** Counts things by key; a key whose count is 0 takes no memory. */
export class Tally {
  private readonly counts = new Map<string, number>();

  of(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  /** Counts one more, or with -1 one less. */
  add(key: string, by: 1 | -1 = 1): void {
    const count = this.of(key) + by;
    if (count === 0) this.counts.delete(key);
    else this.counts.set(key, count);
  }

  clear(): void {
    this.counts.clear();
  }
}
