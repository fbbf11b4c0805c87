import { budgetOf, type Operation, tooMany } from '@sluice/contracts';

const WINDOW_MS = 60_000;
/** How many addresses are counted separately in a minute. All others share one budget, so that forged addresses cannot fill the memory. */
const MAX_ADDRESSES = 50_000;

/** Counts the calls per minute, by operation and caller, in this process. */
export class Budgets {
  private readonly addresses = new Map<string, number>();
  /** Separate from addresses, because accounts cannot be forged, and addresses must not use up their budgets. */
  private readonly accounts = new Map<string, number>();
  private endsAt = 0;

  /** @param now a monotonic clock, in milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Counts a call. @throws ProblemError 429 if the budget of this minute is used up */
  spend(operation: Pick<Operation, 'id' | 'callers' | 'budget'>, caller: string): void {
    const now = this.now();
    if (now >= this.endsAt) {
      this.addresses.clear();
      this.accounts.clear();
      this.endsAt = now + WINDOW_MS;
    }
    const own = `${operation.id} ${caller}`;
    const counts = operation.callers === 'anybody' ? this.addresses : this.accounts;
    const isApart = counts === this.accounts || counts.has(own) || counts.size < MAX_ADDRESSES;
    const key = isApart ? own : `${operation.id} others`;
    const count = counts.get(key) ?? 0;
    if (count >= budgetOf(operation)) throw this.refusal(operation, now);
    counts.set(key, count + 1);
  }

  private refusal(operation: Pick<Operation, 'id' | 'callers' | 'budget'>, now: number) {
    const whose = operation.callers === 'anybody' ? 'from one address' : 'by one account';
    return tooMany(
      'too_many_calls',
      `${operation.id} can be called ${budgetOf(operation)} times a minute ${whose}`,
      Math.max(1, Math.ceil((this.endsAt - now) / 1000)),
    );
  }
}
