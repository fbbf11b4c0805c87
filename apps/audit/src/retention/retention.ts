import { randomUUID } from 'node:crypto';
import { AUDIT_METRICS, wantedRetention } from '@sluice/contracts';
import type { ServiceIdentity } from '@sluice/identity';
import type { Bus, FactChain } from '@sluice/messaging';
import { counterOf, histogramOf, type Log, measure } from '@sluice/process';
import type { DataSource } from 'typeorm';
import { dropEvidence, type Dropping } from './drop-evidence.js';
import type { OldChain } from './find-cut.js';
import { readOldest } from './read-retention.js';
import { type Cutoffs, settleRetention } from './settle-retention.js';

/** How often chains are looked through. */
const SWEEP_MS = 60_000;
/** How long one call drops, so that it does not delay what else is to be done. */
const AT_ONCE_MS = 500;
/** How many chains a sweep has, those with the oldest facts first. */
const CHAINS = 10_000;

const dropped = counterOf(AUDIT_METRICS.dropped);
const dropSeconds = histogramOf(AUDIT_METRICS.dropSeconds);

/**
 * Drops evidence whose time is over, in parts of a chain that take milliseconds each, oldest first: the chains with facts that may be
 * old enough are looked up once a minute, and each is dropped as far as possible. Before that the registry is asked what the settings
 * say; while it does not respond, nothing is dropped.
 */
export class Retention {
  private sweptAt = Number.NEGATIVE_INFINITY;
  private cutoffs: Cutoffs = { sessions: null, facts: null };
  private chains: OldChain[] = [];
  private oldest: Date | null = null;

  constructor(
    private readonly database: DataSource,
    private readonly bus: Bus,
    private readonly log: Log,
    /** Nothing is kept for a shorter time. */
    private readonly minimumDays: number,
  ) {
    measure(AUDIT_METRICS.oldestFact, () =>
      this.oldest === null ? 0 : Math.max((Date.now() - this.oldest.getTime()) / 1000, 0),
    );
  }

  /** Drops some of what may be dropped. */
  async tend(identity: ServiceIdentity, chain: FactChain): Promise<void> {
    const { authority } = identity;
    if (!authority) return;
    if (this.chains.length === 0 && performance.now() - this.sweptAt >= SWEEP_MS) await this.look();
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
    const asked = await this.bus.call(wantedRetention, {}, { requestId: randomUUID() });
    this.cutoffs = await settleRetention(this.database, asked, this.minimumDays);
    this.chains = await oldChains(this.database, this.cutoffs);
    this.oldest = await readOldest(this.database);
    this.sweptAt = performance.now();
  }

  /** Drops a part of a chain, which comes again if there may be more. A chain that fails is left for the next sweep. */
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

/** The chains that are signed beyond their first fact and whose first fact is old enough, the oldest first. */
export async function oldChains(database: DataSource, { sessions, facts }: Cutoffs): Promise<OldChain[]> {
  if (sessions === null && facts === null) return [];
  const latest = Math.max(sessions?.getTime() ?? 0, facts?.getTime() ?? 0);
  return database.query<OldChain[]>(
    `select c.author, c.incarnation from chain c cross join lateral (
         select received_at from fact where author = c.author and incarnation = c.incarnation and number is not null order by number limit 1) first
      where c.signed_through > c.dropped_through and first.received_at < $1 order by first.received_at limit $2`,
    [new Date(latest), CHAINS],
  );
}
