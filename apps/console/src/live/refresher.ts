import type { QueryClient } from '@tanstack/react-query';

/**
 * Reads again what is shown of kinds that changed. A kind that changes while it is read is read once more afterwards: changes
 * come every second, and an answer that takes longer would be given up for a newer one as long as they come.
 */
export class Refresher {
  /** The kinds that are read now, and whether each has changed since that began. */
  private readonly reading = new Map<string, boolean>();

  constructor(private readonly queries: Pick<QueryClient, 'invalidateQueries'>) {}

  /** Has what is shown of a kind read again. @param kind how the keys of its queries begin */
  async refresh(kind: string): Promise<void> {
    if (this.reading.has(kind)) {
      this.reading.set(kind, true);
      return;
    }
    do {
      this.reading.set(kind, false);
      await this.queries.invalidateQueries({ queryKey: [kind] });
    } while (this.reading.get(kind));
    this.reading.delete(kind);
  }
}
