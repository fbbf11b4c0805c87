import type { AttemptEnded } from '@sluice/contracts';
import { addressKey } from '@sluice/domain';

const ALIKE_A_MINUTE = 10;
/** Attempts of one account, or from one client address, that are recorded individually within a minute. */
const PER_SOURCE_A_MINUTE = 60;
const MINUTE_MS = 60_000;
/** Number of kinds that are counted separately. Further kinds share one counter, so that forged ids and addresses cannot exhaust memory. */
const MAX_KINDS = 10_000;

interface Kind {
  readonly until: number;
  count: number;
  held: AttemptEnded | undefined;
  repeats: number;
}

/**
 * Prevents refused and failed attempts from filling the journal. Attempts are alike if they have the same account, resource
 * and reason. The first ten alike attempts of a minute are recorded individually, the rest of that minute as one record with
 * a count. After sixty records of one account or one client address (for IPv6: one /64) in a minute, all further attempts of
 * it share one record. Resource ids that the policy does not contain were made up by the client, so they all count as one
 * resource. While the journal is full, attempts are only counted; they are recorded when it has space again.
 */
export class AttemptBudget {
  private readonly kinds = new Map<string, Kind>();
  private readonly timer: NodeJS.Timeout;

  /**
   * @param record writes a record
   * @param room whether the journal has space
   */
  constructor(
    private readonly record: (attempt: AttemptEnded) => void,
    private readonly room: () => boolean,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.timer = setInterval(() => this.flush(false), 5000).unref();
  }

  /** Records an attempt now, or counts it for a later record. */
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

  /** Records the counted attempts that are due, if the journal has space. With `everything` it records all of them unconditionally. */
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

/** The key under which an address is counted, without its port. */
const addressOf = (endpoint: string | null): string => addressKey(endpoint?.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
