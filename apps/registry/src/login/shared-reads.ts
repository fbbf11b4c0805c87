/**
 * Shares costly reads among simultaneous requests for the same key. Only one read of a key runs at a time. Requests that
 * arrive meanwhile share the next one, which begins after they were made, so that no result is older than its request.
 */
export class SharedReads<T> {
  private readonly running = new Map<string, Promise<T>>();
  private readonly next = new Map<string, Promise<T>>();

  read(key: string, work: () => Promise<T>): Promise<T> {
    const running = this.running.get(key);
    if (!running) return this.begin(key, work);
    let next = this.next.get(key);
    if (!next) {
      next = running
        .catch(() => undefined)
        .then(() => {
          this.next.delete(key);
          return this.begin(key, work);
        });
      this.next.set(key, next);
    }
    return next;
  }

  private begin(key: string, work: () => Promise<T>): Promise<T> {
    const read = work().finally(() => {
      if (this.running.get(key) === read) this.running.delete(key);
    });
    this.running.set(key, read);
    return read;
  }
}
