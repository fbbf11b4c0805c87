import type { Link, LinkKeepAlive } from '@sluice/tunnel';
import { NoRelayError, type ReadyLink } from './link-dialler.js';

/** How many links are dialled ahead of need for a cluster in use. */
const READY = 2;
const MAX_READY = 32;
/**
 * How many dials of a cluster run at once. The connections of a burst wait for these dials and for links that are given back,
 * instead of each doing a handshake of its own.
 */
const MAX_DIALS = 32;
const IDLE_MS = 2 * 60_000;
const REFILL_RETRY_MS = 1000;
/**
 * How long a link is used again, in milliseconds; each for up to a quarter less or more, so that not all are replaced at once. An
 * agent that always has connections would otherwise keep its links forever, and never use a relay that was added.
 */
const REUSED_FOR_MS = 20_000;

/** Dials a new link to a relay of a cluster. */
export type Dial = (cluster: string, avoid: readonly string[]) => Promise<ReadyLink>;

/** Which links suit a connection. */
export interface LinkRequest {
  /** Relays that have refused the session. */
  readonly avoid: readonly string[];
  /** Relays whose links broke. Their ready links are not used, because those may be dead too, without a sign of it yet. */
  readonly suspect: readonly string[];
  /** How long to wait for a link, in milliseconds. */
  readonly withinMs: number;
}

/** A connection that waits for a link. */
interface Waiter {
  readonly request: LinkRequest;
  readonly settle: (result: ReadyLink | Error) => void;
  /** Whether a dial is under way on its behalf. */
  dialling: boolean;
}

/** The links to one cluster. */
interface ClusterLinks {
  readonly ready: ReadyLink[];
  readonly waiters: Set<Waiter>;
  /** The links dialled since the last `clear`, and until when each is used again. Others are closed when they are given back. */
  current: WeakMap<Link, number>;
  dials: number;
  usedAt: number;
  pausedUntil: number;
  /** When a dial failed last. While dials fail, no link is replaced. */
  failedAt: number;
}

/**
 * Ready links: those dialled ahead of need, and those whose session ended cleanly. A cluster that has not been used for two
 * minutes keeps none.
 *
 *   take ──► a ready link that suits ─────────────────────► the connection
 *     └────► waits ──► a new link, or one that is given back ───┘
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

  /** Marks a cluster as used, and dials until it has ready links. */
  warm(cluster: string): void {
    this.of(cluster).usedAt = Date.now();
    this.refill(cluster);
  }

  /** Takes a link to a suitable relay out of the pool, or waits for one. @throws NoRelayError */
  take(cluster: string, request: LinkRequest): Promise<ReadyLink> {
    const { ready } = this.of(cluster);
    // the one that was given back first, so that all are used and none stays on longer than REUSED_FOR_MS
    const at = ready.findIndex(({ link, relayId }) => link.alive && ![...request.avoid, ...request.suspect].includes(relayId));
    const [found] = at < 0 ? [] : ready.splice(at, 1);
    found?.link.use(undefined);
    setImmediate(() => this.warm(cluster));
    return found ? Promise.resolve(found) : this.wait(cluster, request);
  }

  /** Takes back a link whose session ended cleanly. */
  giveBack(cluster: string, entry: ReadyLink): void {
    const { current, waiters, failedAt } = this.of(cluster);
    const until = current.get(entry.link);
    const canReplace = Date.now() - failedAt >= REFILL_RETRY_MS;
    if (until === undefined || (until <= Date.now() && canReplace)) return entry.link.close();
    const waiter = [...waiters].find(({ request }) => ![...request.avoid, ...request.suspect].includes(entry.relayId));
    if (waiter && entry.link.alive) waiter.settle(entry);
    else this.keep(cluster, entry);
  }

  /**
   * Closes the ready links of one cluster or of all, because there is a shorter route or another login. Links that carry a
   * session are closed when it ends; connections that are waiting get a newly dialled link.
   */
  clear(cluster?: string): void {
    for (const [of, links] of this.clusters) {
      if (cluster !== undefined && of !== cluster) continue;
      for (const { link } of links.ready.splice(0)) link.close();
      for (const waiter of links.waiters) waiter.dialling = false;
      links.current = new WeakMap();
      this.dialForWaiters(of);
    }
  }

  /** Closes all links; resolves when those that carried a session have sent why it ended. */
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
    const links = {
      ready: [],
      waiters: new Set<Waiter>(),
      current: new WeakMap<Link, number>(),
      dials: 0,
      usedAt: 0,
      pausedUntil: 0,
      failedAt: 0,
    };
    this.clusters.set(cluster, links);
    return links;
  }

  private tend(): void {
    for (const [cluster, links] of this.clusters) {
      if (Date.now() - links.usedAt < IDLE_MS) this.refill(cluster);
      else for (const { link } of links.ready.splice(0)) link.close();
    }
  }

  private wait(cluster: string, request: LinkRequest): Promise<ReadyLink> {
    const { waiters } = this.of(cluster);
    return new Promise((resolve, reject) => {
      const settle = (result: ReadyLink | Error) => {
        clearTimeout(timer);
        waiters.delete(waiter);
        if (result instanceof Error) reject(result);
        else resolve(result);
      };
      const waiter: Waiter = { request, settle, dialling: false };
      const timer = setTimeout(() => settle(new NoRelayError('no link became available in time', false)), request.withinMs);
      waiters.add(waiter);
      this.dialForWaiters(cluster);
    });
  }

  private dialForWaiters(cluster: string): void {
    const links = this.of(cluster);
    for (const waiter of links.waiters) {
      if (links.dials >= MAX_DIALS || this.closed) return;
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

  /** Dials one link, for a connection that waits or ahead of need. */
  private async open(cluster: string, links: ClusterLinks, waiter?: Waiter): Promise<void> {
    const { current } = links;
    links.dials++;
    const result = await this.dial(cluster, waiter?.request.avoid ?? []).catch((error: unknown) => error as Error);
    links.dials--;
    const isCurrent = current === links.current && !this.closed;
    if (result instanceof Error) links.failedAt = Date.now();
    const isWaiting = waiter !== undefined && links.waiters.has(waiter);
    if (!(result instanceof Error)) {
      if (isCurrent) current.set(result.link, Date.now() + REUSED_FOR_MS * (0.75 + Math.random() / 2));
      this.keeper.add(result.link);
      if (isCurrent && isWaiting) waiter.settle(result);
      else this.giveBack(cluster, result);
    } else if (isCurrent && isWaiting) waiter.settle(result);
    else if (isCurrent && !waiter) links.pausedUntil = Date.now() + REFILL_RETRY_MS;
    this.dialForWaiters(cluster);
  }

  private keep(cluster: string, entry: ReadyLink): void {
    const { ready } = this.of(cluster);
    if (this.closed || ready.length >= MAX_READY || !entry.link.alive) return entry.link.close();
    const leave = () => {
      const at = ready.indexOf(entry);
      if (at >= 0) ready.splice(at, 1);
    };
    const onUnexpected = () => entry.link.destroy(new Error('unexpected frame on a link without a session'));
    entry.link.use({ onData: onUnexpected, onFrame: onUnexpected, onGone: leave });
    ready.push(entry);
  }
}
