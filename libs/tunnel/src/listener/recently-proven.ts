const REMEMBERED_MS = 24 * 3600_000;
const MOST = 10_000;

/** Names that proved themselves not long ago: the last ten thousand, for a day. Only a proof puts one here. */
export class RecentlyProven {
  private readonly until = new Map<string, number>();

  has(name: string): boolean {
    const until = this.until.get(name);
    return until !== undefined && until > Date.now();
  }

  add(name: string): void {
    this.until.delete(name); // the map is ordered: the latest proof last
    this.until.set(name, Date.now() + REMEMBERED_MS);
    const [oldest] = this.until.keys();
    if (this.until.size > MOST && oldest !== undefined) this.until.delete(oldest);
  }
}
