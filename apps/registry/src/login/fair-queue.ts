import { tooMany } from '@sluice/contracts';

interface Waiting {
  start(): void;
  refuse(): void;
}

/** How much work may run and wait. */
export interface QueueLimits {
  /** How many pieces of work run at a time. */
  readonly concurrency: number;
  /** How many may wait per key. */
  readonly waitingPerKey: number;
  /** How many may wait in all. */
  readonly waiting: number;
}

/**
 * Runs costly pieces of work, only a few at a time. Each belongs to a key, and keys are served round-robin, so that a key with
 * much work delays only itself. When too much is waiting, the last piece of the key with the longest queue is rejected.
 */
export class FairQueue {
  private running = 0;
  private count = 0;
  /** The waiting work of each key; the key to serve next comes first. */
  private readonly queues = new Map<string, Waiting[]>();

  constructor(private readonly limits: QueueLimits) {}

  /** Runs the work when it may run. @throws ProblemError 429 when too much is waiting already */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.running >= this.limits.concurrency) await this.wait(key);
    else this.running++;
    try {
      return await work();
    } finally {
      this.next();
    }
  }

  /** Waits until a running piece of work ends and passes its slot on. */
  private wait(key: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const refuse = () => reject(tooMany('busy', 'too many sign-ins at once', 2));
      const own = this.queues.get(key) ?? [];
      if (own.length >= this.limits.waitingPerKey || (this.count >= this.limits.waiting && !this.dropFor(own.length)))
        return refuse();
      own.push({ start: resolve, refuse });
      this.queues.set(key, own);
      this.count++;
    });
  }

  /** Rejects the last piece of the longest queue, if that is longer than the queue of the new one would be. @returns whether it did */
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
      if (queue.length > 0) this.queues.set(key, queue); // moves the key behind the others
      this.count--;
      return first.start();
    }
    this.running--;
  }
}
