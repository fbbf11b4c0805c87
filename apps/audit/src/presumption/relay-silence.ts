/** An interval longer than this between two looks was not watched: the process stood still, or a store did. In milliseconds. */
const LONGEST_STEP_MS = 10_000;

/**
 * How long each relay has said nothing, on a clock that runs only while we listened: it stands still while the bus is away,
 * while facts wait to be stored, and while this process does not run. So an outage of ours makes nobody silent.
 */
export class RelaySilence {
  private listenedMs = 0;
  private lookedAt: number | undefined;
  private readonly heardAt = new Map<string, number>();

  /** A relay said something. */
  heard(relayId: string): void {
    this.heardAt.set(relayId, this.listenedMs);
  }

  /** We look, and heard everything since the last look; `now` is monotonic, in milliseconds. */
  look(now: number): void {
    const step = this.lookedAt === undefined ? 0 : now - this.lookedAt;
    if (step <= LONGEST_STEP_MS) this.listenedMs += step;
    this.lookedAt = now;
  }

  /** Something may have been missed since the last look: the time until the next one does not count. */
  interrupt(): void {
    this.lookedAt = undefined;
  }

  /** Whether a relay has been silent for so long (milliseconds); one that was never heard, since we began to listen. */
  isSilent(relayId: string, forMs: number): boolean {
    return this.listenedMs - (this.heardAt.get(relayId) ?? 0) >= forMs;
  }

  /** Forgets relays that have been silent for so long: they count as never heard, which comes to the same. */
  forgetSilent(forMs: number): void {
    for (const id of this.heardAt.keys()) if (this.isSilent(id, forMs)) this.heardAt.delete(id);
  }
}
