import type { AttemptEnded } from '@sluice/contracts';
import { addressKey } from '@sluice/domain';

const ALIKE_A_MINUTE = 10;
/** Attempts of one account, or from one client address, that are recorded individually within a minute. */
const PER_SOURCE_A_MINUTE = 60;
const MINUTE_MS = 60_000;
/** Kinds that are counted separately; all beyond are one kind, so that made-up addresses cannot fill the memory. */
const MAX_KINDS = 10_000;

interface Kind {
  readonly until: number;
  count: number;
  held: AttemptEnded | undefined;
  repeats: number;
}

/**
 * Keeps attempts that came to nothing from filling the journal: of alike ones (same account, resource and reason) the first ten of a
 * minute are recorded one by one, the rest of that minute as one record with a count; beyond sixty of one account or one
 * client address (IPv6: one /64) all the rest is alike. A resource that the policy does not know is an id that the client
 * chose, so all of them count as one. While the journal has no room all are counted, and recorded once it has.
 */
export class AttemptBudget {
  private readonly kinds = new Map<string, Kind>();
  private readonly timer: NodeJS.Timeout;

  /**
   * @param record writes a record
   * @param room whether there is any in the journal
   */
  constructor(
    private readonly record: (attempt: AttemptEnded) => void,
    private readonly room: () => boolean,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.timer = setInterval(() => this.flush(false), 5000).unref();
  }

  /** Takes an attempt: records it now, or counts it. */
  take(attempt: AttemptEnded): void {
    const account = this.kind('account', attempt.account.id);
    const address = this.kind('address', addressOf(attempt.clientAddress));
    const resource = attempt.resource.name === null ? 'unknown' : attempt.resource.id;
    const alike = this.kind('alike', `${attempt.account.id} ${resource} ${attempt.endReason}`);
    const full = [
      [alike, ALIKE_A_MINUTE],
      [account, PER_SOURCE_A_MINUTE],
      [address, PER_SOURCE_A_MINUTE],
    ] as const;
    const over = full.findLast(([kind, max]) => kind.count >= max)?.[0] ?? (this.room() ? undefined : alike);
    if (over) {
      over.held ??= attempt;
      over.repeats++;
      return;
    }
    for (const [kind] of full) kind.count++;
    this.record(attempt);
  }

  /** Records what is counted and due, as far as there is room; all of it, room or not, when `everything`. */
  flush(everything: boolean): void {
    for (const [key, kind] of this.kinds) {
      if (!everything && kind.until > this.now()) continue;
      if (!everything && kind.held && !this.room()) continue;
      this.kinds.delete(key);
      if (kind.held) this.record({ ...kind.held, repeats: kind.repeats });
    }
  }

  stop(): void {
    clearInterval(this.timer);
    this.flush(true);
  }

  private kind(of: string, name: string): Kind {
    const known = this.kinds.has(`${of} ${name}`) || this.kinds.size < MAX_KINDS;
    const key = known ? `${of} ${name}` : `${of}, others`;
    const present = this.kinds.get(key);
    if (present) return present;
    const kind: Kind = { until: this.now() + MINUTE_MS, count: 0, held: undefined, repeats: 0 };
    this.kinds.set(key, kind);
    return kind;
  }
}

/** The address without its port, as addresses are counted. */
const addressOf = (endpoint: string | null): string => addressKey(endpoint?.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
