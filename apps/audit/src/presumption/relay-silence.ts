/** An interval longer than this between two looks was not watched: the process stood still. In milliseconds. */
const LONGEST_STEP_MS = 10_000;

/** What of the stream of facts is stored, as sequences: everything up to `stored`, of all up to `end`. */
export interface StreamExtent {
  readonly stored: number;
  readonly end: number;
}

/**
 * How long each relay, and each journal of one, has said nothing, on a clock that runs only while messages can be received: it stands
 * still while the bus is away, and while this process does not run. So an outage of ours makes nobody silent, and no clock
 * of anybody else is asked. Facts may wait to be read, of one author or of all: whoever is found silent is lost only when
 * the stream is stored up to where it ended then, and nothing of theirs was in it.
 *
 *   heard ──► silent for the time ──► the stream is stored up to its end of that moment: lost
 *     ▲               │                         │
 *     └───────────────┴── said something ───────┘
 */
export class RelaySilence {
  private listenedMs = 0;
  private lookedAt: number | undefined;
  private readonly heardAt = new Map<string, number>();
  /** Where the stream ended when somebody was found silent. */
  private awaited = new Map<string, number>();

  /** Somebody said something. */
  heard(name: string): void {
    this.heardAt.set(name, this.listenedMs);
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

  /** Which of these are lost: silent for so long (milliseconds; one that was never heard, since we began to listen), and nothing of them waits. */
  lost(names: readonly string[], forMs: number, stream: StreamExtent): Set<string> {
    const awaited = new Map<string, number>();
    for (const name of names) {
      if (!this.isSilent(name, forMs)) continue;
      awaited.set(name, Math.min(this.awaited.get(name) ?? stream.end, stream.end)); // a stream that was made again begins at 1
    }
    this.awaited = awaited;
    for (const name of this.heardAt.keys()) if (this.isSilent(name, forMs)) this.heardAt.delete(name); // as if never heard
    return new Set([...awaited].filter(([, end]) => stream.stored >= end).map(([name]) => name));
  }

  private isSilent(name: string, forMs: number): boolean {
    return this.listenedMs - (this.heardAt.get(name) ?? 0) >= forMs;
  }
}
