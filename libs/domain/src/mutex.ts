/** Runs pieces of work one after another. Unlike a database lock, waiting here does not occupy a connection of a pool. */
export class Mutex {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs the work after all earlier work has ended, whether or not that failed. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}
