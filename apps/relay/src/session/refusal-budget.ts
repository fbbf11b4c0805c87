import type { AttemptEnded } from '@sluice/contracts';

const ALIKE_A_MINUTE = 10;
/** Refusals of one account, or of one client address, that are recorded one by one in a minute. */
const OF_ONE_A_MINUTE = 60;
const MINUTE_MS = 60_000;

interface Kind {
  readonly until: number;
  count: number;
  held: AttemptEnded | undefined;
  repeats: number;
}

/**
 * Keeps refusals from filling the journal: of alike ones (same account, resource and reason) the first ten of a minute are
 * recorded one by one, the rest of that minute as one record with a count; beyond sixty of one account or one client
 * address all the rest is alike. A resource that the policy does not know is an id that the client chose, so all of them
 * count as one.
 */
export class RefusalBudget {
  private readonly kinds = new Map<string, Kind>();
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
    const account = this.kind(`account ${refusal.account.id}`);
    const address = this.kind(`address ${addressOf(refusal.clientAddress)}`);
    const resource = refusal.resource.name === null ? 'unknown' : refusal.resource.id;
    const alike = this.kind(`alike ${refusal.account.id} ${resource} ${refusal.endReason}`);
    const full = [
      [alike, ALIKE_A_MINUTE],
      [account, OF_ONE_A_MINUTE],
      [address, OF_ONE_A_MINUTE],
    ] as const;
    const over = full.findLast(([kind, most]) => kind.count >= most)?.[0];
    if (over) {
      over.held ??= refusal;
      over.repeats++;
      return;
    }
    for (const [kind] of full) kind.count++;
    this.record(refusal);
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

  private kind(key: string): Kind {
    const present = this.kinds.get(key);
    if (present) return present;
    const kind: Kind = { until: this.now() + MINUTE_MS, count: 0, held: undefined, repeats: 0 };
    this.kinds.set(key, kind);
    return kind;
  }
}

/** The address without its port. */
const addressOf = (endpoint: string | null): string => endpoint?.replace(/:\d+$/, '') ?? 'none';
