import type { Socket } from 'node:net';
import { encodeProxyHeader, OFFER_ANSWER, type ProxyHeader, readExactly, sendControl } from '@sluice/tunnel';

const TAKE_TIMEOUT_MS = 500;
const WAIT_FOR_OFFER_MS = 4000;
const ADJUST_EVERY_MS = 250;
/** How long a relay that did not take an offer is passed over, unless there is no other. */
const MISSED_FOR_MS = 1000;
const MIN_OFFERS = 4;
const MAX_OFFERS = 128;

/** A relay that is connected to this gateway: its control connection, its load, and its waiting offers. */
interface WaitingRelay {
  readonly nodeId: string;
  readonly cluster: string;
  readonly control: Socket;
  sessions: number;
  draining: boolean;
  readonly offers: Set<Socket>;
  /** How many links through this gateway each account has to it. */
  readonly links: Map<string, number>;
  /** When an offer of it was last not taken, in milliseconds since 1970. */
  missedAt: number;
  /** Offers taken since the last adjustment. */
  takenLately: number;
  /** How many offers the relay is asked to keep waiting. */
  wanted: number;
}

/** Why no relay was found. */
export type NoRelay = { readonly noRelay: string };

/**
 * The offers that wait at this gateway. A connection goes to a relay to which its account has the fewest links, so that an agent
 * spreads its sessions; among those, two are picked at random and the one with less load is tried. A relay that did not take an
 * offer is passed over for a while. Each relay is asked for as many offers as its recent use suggests.
 */
export class OfferPool {
  private readonly relays = new Map<string, WaitingRelay>();
  private readonly waiters = new Set<() => void>();
  private readonly timer: NodeJS.Timeout;

  /** @param waitMs how long an agent's connection waits for a relay that accepts it */
  constructor(private readonly waitMs = WAIT_FOR_OFFER_MS) {
    this.timer = setInterval(() => this.adjust(), ADJUST_EVERY_MS).unref();
  }

  get relayCount(): number {
    return this.relays.size;
  }

  /** How many of the relays are not being drained. */
  get servingCount(): number {
    return [...this.relays.values()].filter(({ draining }) => !draining).length;
  }

  /** How many offers wait. */
  get offerCount(): number {
    return [...this.relays.values()].reduce((sum, { offers }) => sum + offers.size, 0);
  }

  /** Adds a relay by its control connection; a newer connection replaces an older one of the same relay. */
  addRelay(nodeId: string, cluster: string, control: Socket): void {
    const before = this.relays.get(nodeId);
    before?.control.destroy();
    const relay: WaitingRelay = {
      nodeId,
      cluster,
      control,
      sessions: 0,
      draining: false,
      offers: before?.offers ?? new Set(),
      links: before?.links ?? new Map(),
      missedAt: before?.missedAt ?? 0,
      takenLately: 0,
      wanted: MIN_OFFERS,
    };
    this.relays.set(nodeId, relay);
    control.once('close', () => {
      if (this.relays.get(nodeId) !== relay) return;
      this.relays.delete(nodeId);
      for (const offer of relay.offers) offer.destroy();
    });
  }

  /** Notes the load that a relay reported. */
  setLoad(nodeId: string, sessions: number, draining: boolean): void {
    const relay = this.relays.get(nodeId);
    if (relay) Object.assign(relay, { sessions, draining });
  }

  /** Adds an offer; it is closed if its relay has no control connection or too many offers. */
  addOffer(nodeId: string, offer: Socket): void {
    const relay = this.relays.get(nodeId);
    if (!relay || relay.offers.size >= MAX_OFFERS * 2) return void offer.destroy();
    relay.offers.add(offer);
    offer.once('close', () => relay.offers.delete(offer));
    for (const wake of this.waiters) wake();
  }

  /** Finds a relay of a cluster that accepts this connection. Its offer is then ready for the agent's TLS handshake. */
  async take(
    cluster: string,
    avoid: readonly string[],
    header: ProxyHeader,
    signal: AbortSignal,
  ): Promise<{ offer: Socket; relayId: string } | NoRelay> {
    const deadline = Date.now() + this.waitMs;
    while (!signal.aborted) {
      const left = deadline - Date.now();
      const relay = this.choose(cluster, avoid, header.accountId);
      const offer = relay?.offers.values().next().value;
      if (relay && offer && left > 0) {
        relay.offers.delete(offer);
        relay.takenLately++;
        relay.sessions++; // an estimate until the relay reports its load, so that a burst does not all go to one relay
        countLink(relay.links, header.accountId, offer);
        if (await isTaken(offer, header, Math.min(left, TAKE_TIMEOUT_MS))) return { offer, relayId: relay.nodeId };
        relay.missedAt = Date.now();
        offer.destroy();
        continue;
      }
      const connected = [...this.relays.values()].filter((known) => known.cluster === cluster);
      const others = connected.filter((known) => !known.draining);
      if (others.length > 0 && others.every((known) => avoid.includes(known.nodeId)))
        return { noRelay: 'no other relay of this cluster is connected' };
      if (left <= 0) return { noRelay: whyNone(connected.length, others.length) };
      this.adjust();
      await this.nextOffer(left);
    }
    return { noRelay: 'the agent disconnected' };
  }

  /** Closes the waiting offers, and asks the relays to close their idle links now, and to end their sessions by the deadline. */
  leave(withinMs: number): void {
    clearInterval(this.timer);
    for (const { control, offers } of this.relays.values()) {
      sendControl(control, { type: 'shutting-down', withinMs });
      control.end();
      for (const offer of offers) offer.destroy();
    }
  }

  private choose(cluster: string, avoid: readonly string[], accountId: string): WaitingRelay | undefined {
    const able = [...this.relays.values()].filter(
      (relay) => relay.cluster === cluster && !relay.draining && relay.offers.size > 0 && !avoid.includes(relay.nodeId),
    );
    const rested = able.filter(({ missedAt }) => Date.now() - missedAt >= MISSED_FOR_MS);
    if (rested.length === 0) return able.sort((a, b) => a.missedAt - b.missedAt)[0];
    const linksTo = ({ links }: WaitingRelay) => links.get(accountId) ?? 0;
    const fewest = Math.min(...rested.map(linksTo));
    const equal = rested.filter((relay) => linksTo(relay) === fewest);
    const pick = () => equal[Math.floor(Math.random() * equal.length)];
    const [one, other] = [pick(), pick()];
    return one && other && other.sessions < one.sessions ? other : one;
  }

  private nextOffer(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.waiters.add(done);
    });
  }

  private adjust(): void {
    for (const relay of this.relays.values()) {
      const needed = Math.min(MAX_OFFERS, MIN_OFFERS + relay.takenLately * 2 + this.waiters.size);
      relay.takenLately = 0;
      relay.wanted = needed > relay.wanted ? needed : Math.max(needed, Math.floor(relay.wanted * 0.9));
      // sent even if unchanged, because it also shows the relay that this gateway is alive
      sendControl(relay.control, { type: 'want-offers', offers: relay.wanted });
    }
  }
}

/** Why no relay has accepted a connection. @param serving how many of the connected relays are not being drained */
function whyNone(connected: number, serving: number): string {
  if (connected === 0) return 'no relay of this cluster is connected';
  return serving === 0 ? 'every relay of this cluster is being drained' : 'no relay of this cluster is available';
}

/** Counts a link of an account until its connection closes. */
function countLink(links: Map<string, number>, accountId: string, offer: Socket): void {
  links.set(accountId, (links.get(accountId) ?? 0) + 1);
  offer.once('close', () => {
    const left = (links.get(accountId) ?? 0) - 1;
    if (left > 0) links.set(accountId, left);
    else links.delete(accountId);
  });
}

/** Introduces the agent to the relay, and waits until the relay accepts or rejects it. */
async function isTaken(offer: Socket, header: ProxyHeader, withinMs: number): Promise<boolean> {
  offer.write(encodeProxyHeader(header));
  try {
    const answer = await readExactly(offer, 1, AbortSignal.timeout(withinMs));
    return answer[0] === OFFER_ANSWER.taken;
  } catch {
    return false;
  }
}
