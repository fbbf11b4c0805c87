import { budgetOf, type Operation, tooMany } from '@sluice/contracts';

const WINDOW_MS = 60_000;
/** Addresses that are counted apart in a minute; those beyond share one budget, so that made-up ones cannot fill the memory. */
const MOST_ADDRESSES = 50_000;

/** Counts the calls of a minute, by operation and caller, in this process. */
export class Budgets {
  private readonly addresses = new Map<string, number>();
  /** Apart from addresses: accounts are not made up, and no number of addresses takes their budgets. */
  private readonly accounts = new Map<string, number>();
  private endsAt = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Counts a call. @throws ProblemError 429 where the budget of this minute is spent */
  spend(operation: Pick<Operation, 'id' | 'callers' | 'budget'>, caller: string): void {
    const now = this.now();
    if (now >= this.endsAt) {
      this.addresses.clear();
      this.accounts.clear();
      this.endsAt = now + WINDOW_MS;
    }
    const own = `${operation.id} ${caller}`;
    const counts = operation.callers === 'anybody' ? this.addresses : this.accounts;
    const isApart = counts === this.accounts || counts.has(own) || counts.size < MOST_ADDRESSES;
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
