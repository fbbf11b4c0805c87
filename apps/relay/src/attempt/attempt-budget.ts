import type { AttemptEnded } from '@sluice/contracts';
import { addressKey } from '@sluice/domain';

const ALIKE_A_MINUTE = 10;
/** Attempts of one account, or from one client address, that are recorded individually within a minute. */
const PER_SOURCE_A_MINUTE = 60;
const MINUTE_MS = 60_000;
/** Number of kinds that are counted separately. Further kinds share one counter, so that forged ids and addresses cannot exhaust memory. */
const MAX_KINDS = 10_000;

/** What stands in a record in place of an id that is not the same in all attempts that it counts: a record names nobody who did not make them. */
const SEVERAL = 'several';

interface Kind {
  readonly until: number;
  count: number;
  /** What is counted and not recorded yet, by end reason. */
  readonly held: Map<string, AttemptEnded>;
}

/**
 * Prevents refused and failed attempts from filling the journal. Attempts are alike if they have the same account, resource
 * and reason. The first ten alike attempts of a minute are recorded individually, the rest of that minute as one record with
 * a count. After sixty records of one account or one client address (for IPv6: one /64) in a minute, all further attempts of
 * it share one record for each end reason, in which `several` stands for an account or resource that was not the same in all of them. Resource ids that the policy does not contain were made up by the client, so they all count as one
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
      const held = over.held.get(attempt.endReason);
      over.held.set(attempt.endReason, held ? joined(held, attempt) : attempt);
      return;
    }
    for (const [kind] of full) kind.count++;
    this.record(attempt);
  }

  /** Records the counted attempts that are due, if the journal has space. With `everything` it records all of them unconditionally. */
  flush(everything: boolean): void {
    for (const [key, kind] of this.kinds) {
      if (!everything && kind.until > this.now()) continue;
      if (!everything && kind.held.size > 0 && !this.room()) continue;
      this.kinds.delete(key);
      for (const attempt of kind.held.values()) this.record(attempt);
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
    const kind: Kind = { until: this.now() + MINUTE_MS, count: 0, held: new Map() };
    this.kinds.set(key, kind);
    return kind;
  }
}

/** One record for attempts of the same end reason. What differs between them is not said of all. */
function joined(held: AttemptEnded, attempt: AttemptEnded): AttemptEnded {
  const oneAccount = held.account.id === attempt.account.id;
  const oneResource = held.resource.id === attempt.resource.id;
  const oneAddress = addressOf(held.clientAddress) === addressOf(attempt.clientAddress);
  return {
    ...held,
    account: oneAccount ? held.account : { id: SEVERAL, email: null },
    loginId: held.loginId === attempt.loginId ? held.loginId : SEVERAL,
    resource: oneResource ? held.resource : { id: SEVERAL, name: null, endpoint: null, tags: null },
    gateway: held.gateway === attempt.gateway ? held.gateway : null,
    clientAddress: oneAddress ? held.clientAddress : null,
    rule: oneAccount && oneResource ? held.rule : null,
    dialledAddress: held.dialledAddress === attempt.dialledAddress ? held.dialledAddress : null,
    message: held.message === attempt.message ? held.message : 'several attempts that ended for this reason',
    endedAt: attempt.endedAt,
    repeats: held.repeats + attempt.repeats,
  };
}

/** The key under which an address is counted, without its port. */
const addressOf = (endpoint: string | null): string => addressKey(endpoint?.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
