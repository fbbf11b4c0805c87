import type { AttemptEnded } from '@sluice/contracts';
import { addressKey } from '@sluice/domain';

const ALIKE_A_MINUTE = 10;
/** Attempts of one account that are recorded individually within a minute. */
const PER_ACCOUNT_A_MINUTE = 60;
const MINUTE_MS = 60_000;
/** Combinations of resource and reason that are counted separately for an account. Its further attempts share one record for each reason. */
const MAX_ALIKE = 200;
/** Accounts that are counted at the same time, so that memory is bounded. */
const MAX_ACCOUNTS = 10_000;

/** Replaces an id that is not the same in all attempts that a record counts: a record names nobody who did not make them. */
const SEVERAL = 'several';

/** Attempts that are alike: recorded so far within the minute, and what is counted and not recorded yet. */
interface Alike {
  recorded: number;
  held: AttemptEnded | undefined;
}

/** What one account did within a minute. */
interface Account {
  readonly until: number;
  recorded: number;
  /** By resource and reason. */
  readonly alike: Map<string, Alike>;
  /** By reason, what is beyond these combinations. */
  readonly rest: Map<string, AttemptEnded>;
}

/**
 * Prevents refused and failed attempts from filling the journal. Each account has a budget of its own, so that nobody can hide
 * what others did:
 *
 *   the first ten alike attempts (same account, resource and reason), up to sixty of the account   recorded individually
 *   further ones, for 200 combinations of resource and reason                                      one record each, with a count
 *   the rest of the account                                                                        one record for each reason
 *
 * Resource ids that the policy does not contain were made up by the client, so they all count as one resource. While the journal
 * is full, attempts are only counted; they are recorded when it has space again.
 */
export class AttemptBudget {
  private readonly accounts = new Map<string, Account>();
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
    const account = this.account(attempt.account.id);
    const alike = alikeOf(account, attempt);
    if (!alike) return void account.rest.set(attempt.endReason, joined(account.rest.get(attempt.endReason), attempt));
    if (alike.recorded >= ALIKE_A_MINUTE || account.recorded >= PER_ACCOUNT_A_MINUTE || !this.room()) {
      alike.held = joined(alike.held, attempt);
      return;
    }
    alike.recorded++;
    account.recorded++;
    this.record(attempt);
  }

  /** Records the counted attempts that are due, if the journal has space. With `everything` it records all of them unconditionally. */
  flush(everything: boolean): void {
    for (const [id, account] of this.accounts) {
      if (!everything && account.until > this.now()) continue;
      if (!everything && !this.room() && heldBy(account).length > 0) continue;
      this.end(id, account);
    }
  }

  stop(): void {
    clearInterval(this.timer);
    this.flush(true);
  }

  private account(id: string): Account {
    const present = this.accounts.get(id);
    if (present) return present;
    const [oldest] = this.accounts;
    if (oldest && this.accounts.size >= MAX_ACCOUNTS) this.end(...oldest);
    const account: Account = { until: this.now() + MINUTE_MS, recorded: 0, alike: new Map(), rest: new Map() };
    this.accounts.set(id, account);
    return account;
  }

  private end(id: string, account: Account): void {
    this.accounts.delete(id);
    for (const attempt of heldBy(account)) this.record(attempt);
  }
}

const heldBy = ({ alike, rest }: Account): AttemptEnded[] => [
  ...[...alike.values()].flatMap(({ held }) => held ?? []),
  ...rest.values(),
];

/** What counts attempts like this one; undefined when the account has too many combinations. */
function alikeOf(account: Account, { resource, endReason }: AttemptEnded): Alike | undefined {
  const key = `${resource.name === null ? 'unknown' : resource.id} ${endReason}`;
  const present = account.alike.get(key);
  if (present || account.alike.size >= MAX_ALIKE) return present;
  const alike: Alike = { recorded: 0, held: undefined };
  account.alike.set(key, alike);
  return alike;
}

/** One record for attempts of one account that ended for the same reason. What differs between them is not said of all. */
function joined(held: AttemptEnded | undefined, attempt: AttemptEnded): AttemptEnded {
  if (!held) return attempt;
  const oneResource = held.resource.id === attempt.resource.id;
  const oneAddress = addressOf(held.clientAddress) === addressOf(attempt.clientAddress);
  return {
    ...held,
    loginId: held.loginId === attempt.loginId ? held.loginId : SEVERAL,
    resource: oneResource ? held.resource : { id: SEVERAL, name: null, endpoint: null, tags: null },
    gateway: held.gateway === attempt.gateway ? held.gateway : null,
    clientAddress: oneAddress ? held.clientAddress : null,
    rule: oneResource ? held.rule : null,
    dialledAddress: held.dialledAddress === attempt.dialledAddress ? held.dialledAddress : null,
    message: held.message === attempt.message ? held.message : 'several attempts that ended for this reason',
    endedAt: attempt.endedAt,
    repeats: held.repeats + attempt.repeats,
  };
}

/** The key under which an address is counted, without its port. */
const addressOf = (endpoint: string | null): string => addressKey(endpoint?.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
