import type { Link, LinkKeeper } from '@sluice/tunnel';
import type { ReadyLink } from './dial-link.js';

const READY = 2;
const MOST_READY = 32;
const IDLE_MS = 2 * 60_000;
const REFILL_RETRY_MS = 1000;

/** Dials a new link to a relay of a cluster. */
export type Dial = (cluster: string, avoid: readonly string[]) => Promise<ReadyLink>;

/** Links opened ahead of need, and those whose session ended well. A cluster that nobody uses for two minutes has none. */
export class LinkPool {
  private readonly ready = new Map<string, ReadyLink[]>();
  private readonly dialling = new Map<string, number>();
  private readonly usedAt = new Map<string, number>();
  private readonly pausedUntil = new Map<string, number>();
  /** When a link was dialled, in turns of `clear`; those from before the last one of their cluster do not come back. */
  private readonly born = new WeakMap<Link, number>();
  private readonly cleared = new Map<string | undefined, number>();
  private turn = 0;
  private readonly timer: NodeJS.Timeout;
  private closed = false;

  constructor(
    private readonly dial: Dial,
    private readonly keeper: LinkKeeper,
  ) {
    this.timer = setInterval(() => this.tend(), REFILL_RETRY_MS).unref();
  }

  /** Has links ready soon. */
  warm(cluster: string): void {
    this.usedAt.set(cluster, Date.now());
    this.refill(cluster);
  }

  /**
   * A link to a relay that is not to be avoided: a ready one, or a new one. `suspect` are relays whose links break: their
   * ready ones are left alone, because they may be dead and not know it. @throws NoRelayError
   */
  async take(cluster: string, avoid: readonly string[], suspect: readonly string[] = []): Promise<ReadyLink> {
    this.usedAt.set(cluster, Date.now());
    const links = this.ready.get(cluster) ?? [];
    const at = links.findLastIndex((entry) => entry.link.alive && ![...avoid, ...suspect].includes(entry.relayId));
    const found = at < 0 ? undefined : links.splice(at, 1)[0];
    if (found) found.link.use(undefined);
    setImmediate(() => this.refill(cluster));
    return found ?? this.open(cluster, avoid);
  }

  /** Takes back a link whose session ended well. */
  giveBack(cluster: string, entry: ReadyLink): void {
    const links = this.ready.get(cluster) ?? [];
    if (this.closed || links.length >= MOST_READY || !entry.link.alive || this.isOld(cluster, entry.link))
      return entry.link.destroy();
    const leave = () => {
      const at = links.indexOf(entry);
      if (at >= 0) links.splice(at, 1);
    };
    const unasked = () => entry.link.destroy(new Error('a frame on a link that waits'));
    entry.link.use({ onData: unasked, onFrame: unasked, onGone: leave });
    links.push(entry);
    this.ready.set(cluster, links);
  }

  /** Drops the links that wait, of one cluster or of all: there is a better way, or another login. Those
   * that carry go on, and are not used again. */
  clear(cluster?: string): void {
    this.cleared.set(cluster, ++this.turn);
    for (const [of, links] of this.ready) {
      if (cluster === undefined || of === cluster) for (const { link } of links.splice(0)) link.destroy();
    }
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    this.keeper.stop();
    this.clear();
  }

  private tend(): void {
    for (const [cluster, usedAt] of this.usedAt) {
      if (Date.now() - usedAt < IDLE_MS) this.refill(cluster);
      else for (const { link } of this.ready.get(cluster)?.splice(0) ?? []) link.destroy();
    }
  }

  private async open(cluster: string, avoid: readonly string[]): Promise<ReadyLink> {
    const turn = this.turn;
    const entry = await this.dial(cluster, avoid);
    this.born.set(entry.link, turn);
    this.keeper.add(entry.link);
    return entry;
  }

  private isOld(cluster: string, link: Link): boolean {
    const born = this.born.get(link) ?? 0;
    return born < Math.max(this.cleared.get(undefined) ?? 0, this.cleared.get(cluster) ?? 0);
  }

  private refill(cluster: string): void {
    const dialling = this.dialling.get(cluster) ?? 0;
    const missing = READY - (this.ready.get(cluster)?.length ?? 0) - dialling;
    if (this.closed || missing <= 0 || (this.pausedUntil.get(cluster) ?? 0) > Date.now()) return;
    this.dialling.set(cluster, dialling + missing);
    for (let i = 0; i < missing; i++) {
      this.open(cluster, [])
        .then(
          (entry) => this.giveBack(cluster, entry),
          () => this.pausedUntil.set(cluster, Date.now() + REFILL_RETRY_MS),
        )
        .finally(() => this.dialling.set(cluster, (this.dialling.get(cluster) ?? 1) - 1));
    }
  }
}
