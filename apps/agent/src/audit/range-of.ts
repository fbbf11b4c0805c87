import { readMoment } from '../command/moment.js';
import { UsageError } from '../terminal/failure.js';

/**
 * The time that `--since` and `--until` describe: everything until now where they are not given.
 * @param now ISO 8601
 * @throws UsageError for a time that cannot be read, and for one that ends before it begins
 */
export function rangeOf(given: { since?: string; until?: string }, now: string): { since: string; until: string } {
  const since = given.since === undefined ? new Date(0).toISOString() : readMoment(given.since, '--since');
  const until = given.until === undefined ? now : readMoment(given.until, '--until');
  if (since > now) throw new UsageError(`--since is in the future (it is "${given.since}")`);
  if (since > until) throw new UsageError(`--since is later than --until (they are "${given.since}" and "${given.until}")`);
  return { since, until };
}
