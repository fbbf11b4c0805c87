import type { AttemptEnded } from '@sluice/contracts';

const ALIKE_A_MINUTE = 10;
const MINUTE_MS = 60_000;

/**
 * Keeps refusals from filling the journal: of alike ones (same account, resource and reason) the first ten of a minute are
 * recorded one by one, the rest of that minute as one record with a count.
 */
export class RefusalBudget {
  private readonly kinds = new Map<string, { until: number; count: number; held: AttemptEnded | undefined; repeats: number }>();
  private readonly timer: NodeJS.Timeout;

  /** @param record writes a record */
  constructor(
    private readonly record: (refusal: AttemptEnded) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.timer = setInterval(() => this.flush(false), 5000).unref();
  }

  /** Takes a refusal: records it now, or counts it. */
  take(refusal: AttemptEnded): void {
    const key = `${refusal.account.id} ${refusal.resource.id} ${refusal.endReason}`;
    const kind = this.kinds.get(key) ?? { until: this.now() + MINUTE_MS, count: 0, held: undefined, repeats: 0 };
    this.kinds.set(key, kind);
    kind.count++;
    if (kind.count <= ALIKE_A_MINUTE) return this.record(refusal);
    kind.held ??= refusal;
    kind.repeats++;
  }

  /** Records what is counted and due; all of it when `everything`. */
  flush(everything: boolean): void {
    for (const [key, kind] of this.kinds) {
      if (!everything && kind.until > this.now()) continue;
      this.kinds.delete(key);
      if (kind.held) this.record({ ...kind.held, repeats: kind.repeats });
    }
  }

  stop(): void {
    clearInterval(this.timer);
    this.flush(true);
  }
}
