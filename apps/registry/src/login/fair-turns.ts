import { tooMany } from '@sluice/contracts';

interface Waiting {
  start(): void;
  refuse(): void;
}

/** How much work is done and kept waiting. */
export interface TurnLimits {
  readonly atOnce: number;
  /** Most that wait of one key. */
  readonly waitingOfOne: number;
  readonly waiting: number;
}

/**
 * Lets costly pieces of work in: few at once, and the keys in turn, so that one that asks for much waits behind itself. Where
 * too many wait, the last of whoever has most waiting is refused, at once.
 */
export class FairTurns {
  private running = 0;
  private count = 0;
  /** What waits, by key; the key whose turn is next stands first. */
  private readonly queues = new Map<string, Waiting[]>();

  constructor(private readonly limits: TurnLimits) {}

  /** Does the work when it is its turn. @throws ProblemError 429 where too much waits already */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.running >= this.limits.atOnce) await this.wait(key);
    else this.running++;
    try {
      return await work();
    } finally {
      this.next();
    }
  }

  /** Waits for a place among those that run; whoever leaves one hands it on. */
  private wait(key: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = () => reject(tooMany('busy', 'too many sign-ins at once', 2));
      const own = this.queues.get(key) ?? [];
      if (own.length >= this.limits.waitingOfOne || (this.count >= this.limits.waiting && !this.dropFor(own.length)))
        return refuse();
      own.push({ start: resolve, refuse });
      this.queues.set(key, own);
      this.count++;
    });
  }

  /** Refuses the last of the longest queue, where that is longer than the newcomer's would be. @returns whether there is a place now */
  private dropFor(own: number): boolean {
    let longest: Waiting[] = [];
    for (const queue of this.queues.values()) if (queue.length > longest.length) longest = queue;
    if (longest.length <= own + 1) return false;
    longest.pop()?.refuse();
    this.count--;
    return true;
  }

  private next(): void {
    for (const [key, queue] of this.queues) {
      const first = queue.shift();
      this.queues.delete(key);
      if (!first) continue;
      if (queue.length > 0) this.queues.set(key, queue); // behind the others
      this.count--;
      return first.start();
    }
    this.running--;
  }
}
