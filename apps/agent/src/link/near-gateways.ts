import { shuffled } from '@sluice/domain';
import { roundTrip } from './round-trip.js';

const MEASURE_EVERY_MS = 30_000;
/** Gateways whose round trips differ by less than this, or by less than this factor, count as equally near and share the load. */
const ALIKE_MS = 5;
const ALIKE_FACTOR = 1.25;

interface Known {
  /** Last measured round trip in milliseconds; infinite before the first measurement, undefined when it did not answer. */
  ms: number | undefined;
  measuredAt: number;
}

/** The gateways, the nearest first. They are measured in the background, so that no session waits for a measurement. */
export class NearGateways {
  private readonly known = new Map<string, Known>();

  constructor(private readonly measure: (address: string) => Promise<number | undefined> = roundTrip) {}

  /** Adopts the list of gateways from the API, and measures those whose last measurement is too old. */
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

  /** Addresses in the order in which to try them: near ones in random order, then the others, unresponsive ones last. */
  get addresses(): string[] {
    const entries = shuffled(this.known).map(([address, { ms }]) => ({ address, ms }));
    const least = Math.min(...entries.map(({ ms }) => ms ?? Number.POSITIVE_INFINITY));
    const rank = ({ ms }: { ms: number | undefined }): number =>
      ms === undefined ? Number.MAX_VALUE : ms <= Math.max(least * ALIKE_FACTOR, least + ALIKE_MS) ? 0 : ms;
    return entries.sort((a, b) => compare(rank(a), rank(b))).map(({ address }) => address);
  }

  /** Notes that a gateway did not answer a dial. It is tried last until it is measured again. */
  failed(address: string): void {
    const entry = this.known.get(address);
    if (entry) entry.ms = undefined;
  }
}

/** Compares ranks; the difference of two infinite ones would not be a number. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);
