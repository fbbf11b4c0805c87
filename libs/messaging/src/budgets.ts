import { budgetOf, type Operation, tooMany } from '@sluice/contracts';

const WINDOW_MS = 60_000;
/** Callers that are told apart in a minute; those beyond share one budget, so that made-up addresses cannot fill the memory. */
const MOST_CALLERS = 50_000;

/** Counts the calls of a minute, by operation and caller, in this process. */
export class Budgets {
  private readonly counts = new Map<string, number>();
  private endsAt = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Counts a call. @throws ProblemError 429 where the budget of this minute is spent */
  spend(operation: Pick<Operation, 'id' | 'callers' | 'budget'>, caller: string): void {
    const now = this.now();
    if (now >= this.endsAt) {
      this.counts.clear();
      this.endsAt = now + WINDOW_MS;
    }
    const own = `${operation.id} ${caller}`;
    const key = this.counts.has(own) || this.counts.size < MOST_CALLERS ? own : `${operation.id} others`;
    const count = this.counts.get(key) ?? 0;
    if (count >= budgetOf(operation)) throw this.refusal(operation, now);
    this.counts.set(key, count + 1);
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
