/** If two calls of `look` are further apart than this, in milliseconds, the process was suspended and the time does not count. */
const LONGEST_STEP_MS = 10_000;

/** Sequences in the stream of facts: everything up to `stored` is in the database, and the stream ends at `end`. */
export interface StreamExtent {
  readonly stored: number;
  readonly end: number;
}

/**
 * Measures how long each relay, and each of its journals, has published nothing. The clock runs only while messages can be
 * received: it stops while the bus is unreachable and while this process is suspended, so that an outage on our side makes
 * nobody look silent. No clock of another machine matters. Facts of a silent relay may still be waiting in the stream, so the
 * relay counts as lost only when everything that was in the stream at that moment is stored and none of it was from the relay.
 *
 *   seen ───► silent for the time ──► everything in the stream at that moment is stored: lost
 *     ▲               │                         │
 *     └───────────────┴── published again ──────┘
 */
export class RelaySilence {
  private listenedMs = 0;
  private lookedAt: number | undefined;
  private readonly seenAt = new Map<string, number>();
  /** By name, where the stream ended when the relay was found silent. */
  private awaited = new Map<string, number>();

  /** Notes that a message of a relay or journal was received. */
  received(name: string): void {
    this.seenAt.set(name, this.listenedMs);
    this.awaited.delete(name);
  }

  /** Advances the clock: since the last call all messages could be received. `now` is monotonic, in milliseconds. */
  look(now: number): void {
    const step = this.lookedAt === undefined ? 0 : now - this.lookedAt;
    if (step <= LONGEST_STEP_MS) this.listenedMs += step;
    this.lookedAt = now;
  }

  /** Stops the clock until the next call of `look`, because messages may be missed. */
  interrupt(): void {
    this.lookedAt = undefined;
  }

  /**
   * Which of these relays and journals are lost: silent for `forMs` milliseconds, with nothing of them waiting in the stream.
   * The silence of one that was never seen is measured from the start of this process.
   */
  lost(names: readonly string[], forMs: number, stream: StreamExtent): Set<string> {
    const awaited = new Map<string, number>();
    for (const name of names) {
      if (!this.isSilent(name, forMs)) continue;
      awaited.set(name, Math.min(this.awaited.get(name) ?? stream.end, stream.end)); // the sequences of a recreated stream begin at 1
    }
    this.awaited = awaited;
    for (const name of this.seenAt.keys()) if (this.isSilent(name, forMs)) this.seenAt.delete(name); // makes no difference: one that was never seen is silent too
    return new Set([...awaited].filter(([, end]) => stream.stored >= end).map(([name]) => name));
  }

  private isSilent(name: string, forMs: number): boolean {
    return this.listenedMs - (this.seenAt.get(name) ?? 0) >= forMs;
  }
}
