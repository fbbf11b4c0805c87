import { roundTrip } from './round-trip.js';

const MEASURE_EVERY_MS = 30_000;
/** Gateways whose round trips differ by less than this are as good as each other, and share the load. */
const ALIKE_MS = 5;
const ALIKE_FACTOR = 1.25;

interface Known {
  /** Round trip in milliseconds: the least of the last measurements; undefined when it did not answer. */
  ms: number | undefined;
  measuredAt: number;
}

/** The gateways, the nearest first: measured beside the sessions, never by one. */
export class NearGateways {
  private readonly known = new Map<string, Known>();

  constructor(private readonly measure: (address: string) => Promise<number | undefined> = roundTrip) {}

  /** Brings the list in line with what the API says, and measures those that are due. */
  follow(addresses: readonly string[]): void {
    for (const address of this.known.keys()) if (!addresses.includes(address)) this.known.delete(address);
    for (const address of addresses) {
      const known = this.known.get(address);
      if (known && Date.now() - known.measuredAt < MEASURE_EVERY_MS) continue;
      const entry: Known = { ms: known?.ms ?? Number.POSITIVE_INFINITY, measuredAt: Date.now() };
      this.known.set(address, entry);
      void this.measure(address).then((ms) => (entry.ms = ms));
    }
  }

  /** Addresses in the order in which they are to be tried: near ones in an order of chance, then the others, silent ones last. */
  get addresses(): string[] {
    const entries = [...this.known].sort(() => Math.random() - 0.5).map(([address, { ms }]) => ({ address, ms }));
    const least = Math.min(...entries.map(({ ms }) => ms ?? Number.POSITIVE_INFINITY));
    const rank = ({ ms }: { ms: number | undefined }): number =>
      ms === undefined ? Number.MAX_VALUE : ms <= Math.max(least * ALIKE_FACTOR, least + ALIKE_MS) ? 0 : ms;
    return entries.sort((a, b) => compare(rank(a), rank(b))).map(({ address }) => address);
  }

  /** A gateway did not answer a dial: it is tried last until it is measured again. */
  failed(address: string): void {
    const entry = this.known.get(address);
    if (entry) entry.ms = undefined;
  }
}

/** Of two infinite ones neither is first. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);
