import { BackOff, shuffled } from '@sluice/domain';
import type { Link } from '@sluice/tunnel';
import { roundTrip } from './round-trip.js';

const FIRST_RETRY_MS = 5000;
const LAST_RETRY_MS = 60_000;

/** A relay that agents can connect to directly, because it has a listening address of its own. */
export interface ListeningRelay {
  readonly id: string;
  readonly cluster: string;
  readonly address: string;
}

interface Known {
  relay: ListeningRelay;
  reachable: boolean;
  readonly retry: BackOff;
  nextTryAt: number;
  /** How many links this agent has to it directly. */
  links: number;
}

/**
 * Which relays this machine can reach without a gateway. They are tried in the background, so that a change of the network
 * is noticed within seconds and no session waits for an address that does not answer.
 */
export class DirectRelays {
  private readonly known = new Map<string, Known>();

  /** @param onReachable called with a cluster when one of its relays has become reachable */
  constructor(private readonly onReachable: (cluster: string) => void) {}

  /** Adopts the list of relays from the API. */
  follow(relays: readonly ListeningRelay[]): void {
    const addresses = new Map(relays.map((relay) => [relay.id, relay]));
    for (const [id, { relay }] of this.known) if (addresses.get(id)?.address !== relay.address) this.known.delete(id);
    for (const relay of relays) {
      if (!this.known.has(relay.id))
        this.known.set(relay.id, {
          relay,
          reachable: false,
          retry: new BackOff(FIRST_RETRY_MS, LAST_RETRY_MS),
          nextTryAt: 0,
          links: 0,
        });
    }
    this.tend();
  }

  /** The reachable relays of a cluster: first those with the fewest links of this agent, else in random order, so that sessions spread. */
  of(cluster: string, avoid: readonly string[]): ListeningRelay[] {
    const able = [...this.known.values()].filter(
      ({ relay, reachable }) => reachable && relay.cluster === cluster && !avoid.includes(relay.id),
    );
    return shuffled(able)
      .sort((a, b) => a.links - b.links)
      .map(({ relay }) => relay);
  }

  /** Counts a link to a relay until it is closed. */
  count(id: string, link: Link): void {
    const entry = this.known.get(id);
    if (!entry) return;
    entry.links++;
    void link.left.then(() => entry.links--);
  }

  /** Notes that a relay did not answer. Links go through gateways until it can be reached again. */
  failed(id: string): void {
    const entry = this.known.get(id);
    if (entry) Object.assign(entry, { reachable: false, nextTryAt: Date.now() + entry.retry.next() });
  }

  /** Tries the unreachable relays whose next attempt is due. */
  tend(): void {
    for (const entry of this.known.values()) {
      if (entry.reachable || entry.nextTryAt > Date.now()) continue;
      entry.nextTryAt = Number.POSITIVE_INFINITY;
      void roundTrip(entry.relay.address).then((ms) => {
        if (ms !== undefined && this.known.get(entry.relay.id) === entry) {
          Object.assign(entry, { reachable: true, nextTryAt: 0 });
          entry.retry.reset();
          return this.onReachable(entry.relay.cluster);
        }
        entry.nextTryAt = Date.now() + entry.retry.next();
      });
    }
  }
}
