import type { Link } from './link.js';

const TURN_MS = 1000;

/**
 * Keeps idle links alive, and detects links whose peer is gone. It sends a frame in addition to the kernel's keep-alive,
 * because proxies on the path close connections that transfer no bytes.
 */
export class LinkKeepAlive {
  private readonly links = new Set<Link>();
  private readonly timer: NodeJS.Timeout;
  private turns = 0;

  /** @param intervalSeconds returns how long a link may be silent; 0 disables keep-alive. It is called every second, so a changed setting applies at once. */
  constructor(private readonly intervalSeconds: () => number) {
    this.timer = setInterval(() => this.tend(), TURN_MS).unref();
  }

  /** Keeps a link alive until it is closed. */
  add(link: Link): void {
    this.links.add(link);
    void link.left.then(() => this.links.delete(link));
  }

  /** Resolves when all links are closed. A link that still sends the reason why its session was reset has a second for that. */
  async left(): Promise<void> {
    await Promise.all([...this.links].map((link) => link.left));
  }

  /** The number of open links. */
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
