import { randomUUID } from 'node:crypto';
import { AUDIT_METRICS } from '@sluice/contracts';
import type { ServiceIdentity } from '@sluice/identity';
import type { Bus, FactChain } from '@sluice/messaging';
import { counterOf, histogramOf, type Log, measure } from '@sluice/process';
import type { DataSource } from 'typeorm';
import { dropEvidence, type Dropping } from './drop-evidence.js';
import type { OldChain } from './find-cut.js';
import { type OldestFact, readOldest } from './read-retention.js';
import { askRetention, type Cutoffs, DELAY_SECONDS } from './settle-retention.js';

/** How often the settings are asked for while nothing is to be dropped, and chains are looked for if all those that were found are done. */
const LOOK_MS = 10_000;
/** How long one call drops, so that it does not delay what else is to be done. */
const AT_ONCE_MS = 500;
/** How many chains are looked for at once, those with the oldest facts first. */
const CHAINS = 10_000;

const dropped = counterOf(AUDIT_METRICS.dropped);
const dropFailures = counterOf(AUDIT_METRICS.dropFailures);
const dropSeconds = histogramOf(AUDIT_METRICS.dropSeconds);

/**
 * Drops evidence whose time is over, in parts of a chain that take milliseconds each, oldest first: the chains with facts that may be
 * old enough are looked for, and each is dropped as far as possible. Before each time the registry is asked what the settings say; while
 * it does not respond, nothing is dropped.
 */
export class Retention {
  private lookedAt = Number.NEGATIVE_INFINITY;
  private cutoffs: Cutoffs = { sessions: null, activities: null, facts: null };
  private chains: OldChain[] = [];
  private oldest: OldestFact | null = null;

  constructor(
    private readonly database: DataSource,
    private readonly bus: Bus,
    private readonly log: Log,
    /** Nothing is kept for a shorter time. */
    private readonly minimumDays: number,
  ) {
    measure(AUDIT_METRICS.chainsToDrop, () => this.chains.length);
    measure(AUDIT_METRICS.oldestFact, () =>
      this.oldest === null ? 0 : Math.max((Date.now() - this.oldest.at.getTime()) / 1000, 0),
    );
  }

  /** Drops some of what may be dropped. @throws Error if that fails, to be retried */
  async tend(identity: ServiceIdentity, chain: FactChain): Promise<void> {
    try {
      await this.dropSome(identity, chain);
    } catch (error) {
      dropFailures.inc();
      throw error;
    }
  }

  private async dropSome(identity: ServiceIdentity, chain: FactChain): Promise<void> {
    const { authority } = identity;
    if (!authority) return;
    const isDue = performance.now() - this.lookedAt >= LOOK_MS;
    if (isDue || this.chains.length > 0) this.cutoffs = await askRetention(this.database, this.bus, this.minimumDays);
    if (isDue) await this.look();
    const dropping: Dropping = {
      authority,
      sign: (stated) => identity.signDropped(stated),
      publish: (fact) => chain.publish(randomUUID(), fact),
    };
    const until = performance.now() + AT_ONCE_MS;
    let facts = 0;
    while (this.chains.length > 0 && performance.now() < until)
      facts += await this.dropFrom(this.chains[0] as OldChain, dropping);
    if (facts > 0) this.log.info({ facts }, 'evidence whose time is over was dropped');
  }

  private async look(): Promise<void> {
    if (this.chains.length === 0) this.chains = await oldChains(this.database, this.cutoffs);
    this.oldest = await readOldest(this.database, this.oldest);
    this.lookedAt = performance.now();
  }

  /** Drops a part of a chain, which comes again if there may be more. One that fails waits until chains are looked for again. */
  private async dropFrom(chain: OldChain, dropping: Dropping): Promise<number> {
    this.chains.shift();
    const begunMs = performance.now();
    const done = await dropEvidence(this.database, chain, this.cutoffs, dropping);
    if (!done) return 0;
    dropSeconds.observe((performance.now() - begunMs) / 1000);
    dropped.inc({ what: 'facts' }, done.facts);
    dropped.inc({ what: 'records' }, done.records);
    this.chains.unshift(chain);
    return done.facts;
  }
}

/**
 * The chains that are signed beyond their first fact and whose first fact is old enough, the oldest first. Those of which nothing
 * could be dropped come again a day later: so a chain that grows all the time is not dropped fact by fact, and many that are held do
 * not delay others.
 */
export async function oldChains(database: DataSource, cutoffs: Cutoffs): Promise<OldChain[]> {
  const times = Object.values(cutoffs).flatMap((cutoff) => cutoff?.getTime() ?? []);
  if (times.length === 0) return [];
  return database.query<OldChain[]>(
    `select c.author, c.incarnation from stream_position p, chain c cross join lateral (
         select received_at from fact where author = c.author and incarnation = c.incarnation and number is not null order by number limit 1) first
      where c.signed_through > c.dropped_through and first.received_at < $1
        and (c.looked_age is null or c.looked_age + $2 <= p.age_seconds) order by first.received_at limit $3`,
    [new Date(Math.max(...times)), DELAY_SECONDS, CHAINS],
  );
}
