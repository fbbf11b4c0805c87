/** An interval longer than this between two looks was not watched: the process stood still. In milliseconds. */
const LONGEST_STEP_MS = 10_000;

/** What of the stream of facts is stored, as sequences: everything up to `stored`, of all up to `end`. */
export interface StreamExtent {
  readonly stored: number;
  readonly end: number;
}

/**
 * How long each relay, and each journal of one, has published nothing, on a clock that runs only while messages can be received: it stands
 * still while the bus is away, and while this process does not run. So an outage of ours makes nobody silent, and no clock
 * of another machine matters. Facts may wait to be read, of one author or of all: a relay that is silent is lost only when
 * the stream is stored up to where it ended then, and nothing of it was in the stream.
 *
 *   seen ───► silent for the time ──► the stream is stored up to its end of that moment: lost
 *     ▲               │                         │
 *     └───────────────┴── published again ──────┘
 */
export class RelaySilence {
  private listenedMs = 0;
  private lookedAt: number | undefined;
  private readonly seenAt = new Map<string, number>();
  /** Where the stream ended when a relay was found silent. */
  private awaited = new Map<string, number>();

  /** Something of a relay, or of a journal, was received. */
  received(name: string): void {
    this.seenAt.set(name, this.listenedMs);
    this.awaited.delete(name);
  }

  /** Everything since the last look could be received; `now` is monotonic, in milliseconds. */
  look(now: number): void {
    const step = this.lookedAt === undefined ? 0 : now - this.lookedAt;
    if (step <= LONGEST_STEP_MS) this.listenedMs += step;
    this.lookedAt = now;
  }

  /** Something may have been missed since the last look: the time until the next one does not count. */
  interrupt(): void {
    this.lookedAt = undefined;
  }

  /** Which of these are lost: silent for this long (milliseconds; one that was never seen, since this process began), with nothing of them waiting to be stored. */
  lost(names: readonly string[], forMs: number, stream: StreamExtent): Set<string> {
    const awaited = new Map<string, number>();
    for (const name of names) {
      if (!this.isSilent(name, forMs)) continue;
      awaited.set(name, Math.min(this.awaited.get(name) ?? stream.end, stream.end)); // a stream that was made again begins at 1
    }
    this.awaited = awaited;
    for (const name of this.seenAt.keys()) if (this.isSilent(name, forMs)) this.seenAt.delete(name); // as if never seen
    return new Set([...awaited].filter(([, end]) => stream.stored >= end).map(([name]) => name));
  }

  private isSilent(name: string, forMs: number): boolean {
    return this.listenedMs - (this.seenAt.get(name) ?? 0) >= forMs;
  }
}
