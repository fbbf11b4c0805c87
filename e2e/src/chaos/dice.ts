/** Random numbers that a seed repeats (mulberry32). Each purpose takes dice of its own, so that none disturbs another's throws. */
export class Dice {
  private state: number;

  constructor(seed: number, purpose: string) {
    this.state = [...purpose].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 0x01000193), seed ^ 0x811c9dc5);
  }

  /** From 0 up to 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** A size from 0 to `most`: as often tens of bytes as thousands or millions. */
  size(most: number): number {
    return Math.floor(Math.exp(this.next() * Math.log(most + 1))) - 1;
  }

  /** A waiting time in milliseconds, mostly short, with this mean. */
  wait(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  pick<T>(weighted: readonly (readonly [T, number])[]): T {
    let left = this.next() * weighted.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of weighted) if ((left -= weight) < 0) return value;
    return (weighted.at(-1) as readonly [T, number])[0];
  }
}
