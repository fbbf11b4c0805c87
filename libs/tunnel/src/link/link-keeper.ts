import type { Link } from './link.js';

const TURN_MS = 1000;

/**
 * Keeps links alive that carry nothing, and finds out about those that are dead. What passes is a frame, not only the
 * kernel's keep-alive, because proxies on the way count bytes.
 */
export class LinkKeeper {
  private readonly links = new Set<Link>();
  private readonly timer: NodeJS.Timeout;
  private turns = 0;

  /** @param intervalSeconds how long a link may be silent, asked every time; 0 switches it off. */
  constructor(private readonly intervalSeconds: () => number) {
    this.timer = setInterval(() => this.tend(), TURN_MS).unref();
  }

  /** Keeps a link until it is gone. */
  add(link: Link): void {
    this.links.add(link);
  }

  /** How many links there are. */
  get count(): number {
    return this.links.size;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tend(): void {
    const interval = this.intervalSeconds();
    this.turns += 1;
    const due = interval > 0 && this.turns >= interval;
    if (due) this.turns = 0;
    for (const link of this.links) {
      if (!link.alive) this.links.delete(link);
      else if (due) link.keepAlive();
    }
  }
}
