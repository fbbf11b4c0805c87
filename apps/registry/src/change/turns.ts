/** Lets pieces of work go one after the other. Work that waits holds nothing: no connection of the pool, no lock. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Does the work when it is its turn. A piece that failed does not keep the next from it. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
