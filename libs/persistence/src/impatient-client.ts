import pg from 'pg';

/** How long the server lets a statement run, in milliseconds. */
export const STATEMENT_MS = 15_000;
/** How long a query may be without an answer, in milliseconds. */
const ANSWER_MS = STATEMENT_MS + 10_000;

/**
 * A client that closes its connection when a query is not answered in time, because the machine of the server is lost: TCP by
 * itself gives up after a quarter of an hour, and every connection of the pool may be in a query then. The query fails as it
 * does when the server stops.
 */
export class ImpatientClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => {
      const result = query(...args);
      if (result instanceof Promise) this.giveUpWithout(result);
      return result;
    }) as typeof this.query;
  }

  private giveUpWithout(answer: Promise<unknown>): void {
    const timer = setTimeout(() => void this.end().catch(() => undefined), ANSWER_MS).unref();
    const stop = () => clearTimeout(timer);
    answer.then(stop, stop);
  }
}
