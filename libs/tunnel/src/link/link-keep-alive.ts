import type { Link } from './link.js';

const TURN_MS = 1000;

/**
 * Keeps links alive that carry nothing, and finds out about those that are dead. What passes is a frame, not only the
 * kernel's keep-alive, because proxies on the way count bytes.
 */
export class LinkKeepAlive {
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
    void link.left.then(() => this.links.delete(link));
  }

  /** Resolves when all links are gone: those that say why their session was cut have a second for it. */
  async left(): Promise<void> {
    await Promise.all([...this.links].map((link) => link.left));
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
    if (due) for (const link of this.links) link.keepAlive();
  }
}
