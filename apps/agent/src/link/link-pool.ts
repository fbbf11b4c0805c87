import type { Link, LinkKeepAlive } from '@sluice/tunnel';
import { NoRelayError, type ReadyLink } from './link-dialler.js';

const READY = 2;
const MOST_READY = 32;
/** How many dials of a cluster run at once: a burst waits for these, and for links that come back, not for its own handshakes. */
const MOST_DIALS = 32;
const IDLE_MS = 2 * 60_000;
const REFILL_RETRY_MS = 1000;

/** Dials a new link to a relay of a cluster. */
export type Dial = (cluster: string, avoid: readonly string[]) => Promise<ReadyLink>;

/** What a connection wants of a link. */
export interface Wish {
  /** Relays that have refused. */
  readonly avoid: readonly string[];
  /** Relays whose links break: their ready ones are left alone, because they may be dead and not know it. */
  readonly suspect: readonly string[];
  /** How long to wait for one. */
  readonly withinMs: number;
}

/** A connection that waits for a link. */
interface Waiter {
  readonly wish: Wish;
  readonly settle: (result: ReadyLink | Error) => void;
  /** Whether a dial is under way on its behalf. */
  dialling: boolean;
}

/** The links to one cluster. */
interface ClusterLinks {
  readonly ready: ReadyLink[];
  readonly waiters: Set<Waiter>;
  /** Those dialled since the last `clear`; others do not come back. */
  current: WeakSet<Link>;
  dials: number;
  usedAt: number;
  pausedUntil: number;
}

/**
 * Links opened ahead of need, and those whose session ended well. A cluster that nobody uses for two minutes has none.
 *
 *   take ──► a ready link that suits ─────────────────────► the connection
 *     └────► waits ──► a new link, or one that comes back ──────┘
 */
export class LinkPool {
  private readonly clusters = new Map<string, ClusterLinks>();
  private readonly timer: NodeJS.Timeout;
  private closed = false;

  constructor(
    private readonly dial: Dial,
    private readonly keeper: LinkKeepAlive,
  ) {
    this.timer = setInterval(() => this.tend(), REFILL_RETRY_MS).unref();
  }

  /** Has links ready soon. */
  warm(cluster: string): void {
    this.of(cluster).usedAt = Date.now();
    this.refill(cluster);
  }

  /** A link to a relay that suits. @throws NoRelayError */
  take(cluster: string, wish: Wish): Promise<ReadyLink> {
    const { ready } = this.of(cluster);
    const at = ready.findLastIndex(({ link, relayId }) => link.alive && ![...wish.avoid, ...wish.suspect].includes(relayId));
    const [found] = at < 0 ? [] : ready.splice(at, 1);
    found?.link.use(undefined);
    setImmediate(() => this.warm(cluster));
    return found ? Promise.resolve(found) : this.wait(cluster, wish);
  }

  /** Takes back a link whose session ended well. */
  giveBack(cluster: string, entry: ReadyLink): void {
    const { current, waiters } = this.of(cluster);
    if (!current.has(entry.link)) return entry.link.close();
    const waiter = [...waiters].find(({ wish }) => ![...wish.avoid, ...wish.suspect].includes(entry.relayId));
    if (waiter && entry.link.alive) waiter.settle(entry);
    else this.keep(cluster, entry);
  }

  /** Drops the links that wait, of one cluster or of all: there is a better way, or another login. Those
   * that carry go on, and are not used again; connections that wait get a link of the new kind. */
  clear(cluster?: string): void {
    for (const [of, links] of this.clusters) {
      if (cluster !== undefined && of !== cluster) continue;
      for (const { link } of links.ready.splice(0)) link.close();
      for (const waiter of links.waiters) waiter.dialling = false;
      links.current = new WeakSet();
      this.dialForWaiters(of);
    }
  }

  /** Closes all links; resolves when those that carried a session have sent the reason of its end. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    this.keeper.stop();
    for (const { waiters } of this.clusters.values())
      for (const waiter of waiters) waiter.settle(new NoRelayError('the agent is stopping', true));
    this.clear();
    await this.keeper.left();
  }

  private of(cluster: string): ClusterLinks {
    const known = this.clusters.get(cluster);
    if (known) return known;
    const links = { ready: [], waiters: new Set<Waiter>(), current: new WeakSet<Link>(), dials: 0, usedAt: 0, pausedUntil: 0 };
    this.clusters.set(cluster, links);
    return links;
  }

  private tend(): void {
    for (const [cluster, links] of this.clusters) {
      if (Date.now() - links.usedAt < IDLE_MS) this.refill(cluster);
      else for (const { link } of links.ready.splice(0)) link.close();
    }
  }

  private wait(cluster: string, wish: Wish): Promise<ReadyLink> {
    const { waiters } = this.of(cluster);
    return new Promise((resolve, reject) => {
      const settle = (result: ReadyLink | Error) => {
        clearTimeout(timer);
        waiters.delete(waiter);
        if (result instanceof Error) reject(result);
        else resolve(result);
      };
      const waiter: Waiter = { wish, settle, dialling: false };
      const timer = setTimeout(() => settle(new NoRelayError('no link could be had in time', false)), wish.withinMs);
      waiters.add(waiter);
      this.dialForWaiters(cluster);
    });
  }

  private dialForWaiters(cluster: string): void {
    const links = this.of(cluster);
    for (const waiter of links.waiters) {
      if (links.dials >= MOST_DIALS || this.closed) return;
      if (waiter.dialling) continue;
      waiter.dialling = true;
      void this.open(cluster, links, waiter);
    }
  }

  private refill(cluster: string): void {
    const links = this.of(cluster);
    if (this.closed || links.pausedUntil > Date.now()) return;
    while (links.ready.length + links.dials < READY) void this.open(cluster, links);
  }

  /** Dials: for a connection that waits, or ahead of need. */
  private async open(cluster: string, links: ClusterLinks, waiter?: Waiter): Promise<void> {
    const { current } = links;
    links.dials++;
    const result = await this.dial(cluster, waiter?.wish.avoid ?? []).catch((error: unknown) => error as Error);
    links.dials--;
    const isCurrent = current === links.current && !this.closed;
    const isWaiting = waiter !== undefined && links.waiters.has(waiter);
    if (!(result instanceof Error)) {
      if (isCurrent) current.add(result.link);
      this.keeper.add(result.link);
      if (isCurrent && isWaiting) waiter.settle(result);
      else this.giveBack(cluster, result);
    } else if (isCurrent && isWaiting) waiter.settle(result);
    else if (isCurrent && !waiter) links.pausedUntil = Date.now() + REFILL_RETRY_MS;
    this.dialForWaiters(cluster);
  }

  private keep(cluster: string, entry: ReadyLink): void {
    const { ready } = this.of(cluster);
    if (this.closed || ready.length >= MOST_READY || !entry.link.alive) return entry.link.close();
    const leave = () => {
      const at = ready.indexOf(entry);
      if (at >= 0) ready.splice(at, 1);
    };
    const unasked = () => entry.link.destroy(new Error('a frame on a link that waits'));
    entry.link.use({ onData: unasked, onFrame: unasked, onGone: leave });
    ready.push(entry);
  }
}
