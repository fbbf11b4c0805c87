import pg from 'pg';

/** How long the server lets a statement run, in milliseconds. */
export const STATEMENT_MS = 15_000;
/** How long a query may be without an answer, in milliseconds. */
const ANSWER_MS = STATEMENT_MS + 10_000;
/** How long the server may take to close its end of a connection that is being closed, in milliseconds. */
const CLOSE_MS = 3000;

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

  /** Closes the connection, at the latest after `CLOSE_MS`: a lost server does not close its end, and TCP waits as long for it as for an answer. */
  override end(): Promise<void>;
  override end(callback: (error: Error) => void): void;
  override end(callback?: (error: Error) => void): Promise<void> | void {
    const timer = setTimeout(() => this.connection.stream.destroy(), CLOSE_MS).unref();
    this.connection.once('end', () => clearTimeout(timer));
    return callback ? super.end(callback) : super.end();
  }

  private giveUpWithout(answer: Promise<unknown>): void {
    const timer = setTimeout(() => void this.end().catch(() => undefined), ANSWER_MS).unref();
    const stop = () => clearTimeout(timer);
    answer.then(stop, stop);
  }
}
