import { BackOff } from '@sluice/domain';
import { roundTrip } from './round-trip.js';

const FIRST_RETRY_MS = 5000;
const LAST_RETRY_MS = 60_000;

/** A relay that listens itself. */
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
}

/**
 * Which relays this machine can reach without a gateway. They are tried beside the sessions, never by one: a network that
 * changes is followed within seconds, and nobody waits for an address that does not answer.
 */
export class DirectRelays {
  private readonly known = new Map<string, Known>();

  /** @param onReachable a relay of this cluster has become reachable. */
  constructor(private readonly onReachable: (cluster: string) => void) {}

  /** Brings the list in line with what the API says. */
  follow(relays: readonly ListeningRelay[]): void {
    const addresses = new Map(relays.map((relay) => [relay.id, relay]));
    for (const [id, { relay }] of this.known) if (addresses.get(id)?.address !== relay.address) this.known.delete(id);
    for (const relay of relays) {
      if (!this.known.has(relay.id))
        this.known.set(relay.id, { relay, reachable: false, retry: new BackOff(FIRST_RETRY_MS, LAST_RETRY_MS), nextTryAt: 0 });
    }
    this.tend();
  }

  /** Relays of a cluster to dial, in an order of chance. */
  of(cluster: string, avoid: readonly string[]): ListeningRelay[] {
    return [...this.known.values()]
      .filter(({ relay, reachable }) => reachable && relay.cluster === cluster && !avoid.includes(relay.id))
      .map(({ relay }) => relay)
      .sort(() => Math.random() - 0.5);
  }

  /** A relay did not answer: the gateways serve until it does. */
  failed(id: string): void {
    const entry = this.known.get(id);
    if (entry) Object.assign(entry, { reachable: false, nextTryAt: Date.now() + entry.retry.next() });
  }

  /** Tries those that are due. */
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
