import { type Dropped, DROPPED_SUBJECT } from '@sluice/contracts';
import type { CertificateVerifier, DroppedStatement } from '@sluice/identity';
import type { DataSource } from 'typeorm';
import type { ServiceFact } from '@sluice/messaging';
import { findCut, type OldChain } from './find-cut.js';
import { RETENTION_LOCK } from './retention-lock.js';
import type { Cutoffs } from './settle-retention.js';

/** What dropping works with. */
export interface Dropping {
  readonly authority: Pick<CertificateVerifier, 'verify'>;
  /** Signs what is dropped; undefined if there is no key yet. */
  readonly sign: (stated: DroppedStatement) => Dropped | undefined;
  /** Publishes a fact of the audit service. @throws Error when JetStream has not stored it */
  readonly publish: (fact: ServiceFact) => Promise<void>;
}

/**
 * Drops the oldest part of a chain, with the records that follow from it, if there is one that may be dropped. In one transaction:
 *
 *   lock ──► find the cut ──► sign, publish `dropped` ──► delete, and keep the signed statement
 *
 * The lock excludes that a hold is placed meanwhile, and other copies of this service. What is deleted was published before, so
 * nothing disappears without a trace; if this fails in between, the same facts are dropped, and published, later.
 * @returns what was dropped by this call; undefined if there is nothing to drop now
 */
export function dropEvidence(
  database: DataSource,
  chain: OldChain,
  cutoffs: Cutoffs,
  { authority, sign, publish }: Dropping,
): Promise<{ facts: number; records: number } | undefined> {
  return database.transaction(async (tx) => {
    const [lock] = await tx.query<{ taken: boolean }[]>('select pg_try_advisory_xact_lock($1) as taken', [RETENTION_LOCK]);
    if (lock?.taken !== true) return undefined;
    const { author, incarnation } = chain;
    const cut = await findCut(tx, chain, cutoffs, authority);
    if (!cut) {
      await tx.query(
        'update chain set looked_age = (select age_seconds from stream_position) where author = $1 and incarnation = $2',
        [author, incarnation],
      );
      return undefined;
    }
    const [before] = await tx.query<{ facts: string; records: string }[]>(
      'select dropped_facts as facts, dropped_records as records from chain where author = $1 and incarnation = $2',
      [author, incarnation],
    );
    const at = new Date();
    const dropped = sign({
      ...{ author, incarnation, through: cut.through, hash: cut.hash },
      facts: Number(before?.facts) + cut.facts,
      records: Number(before?.records) + cut.records,
      at: at.toISOString(),
    });
    if (!dropped) return undefined;
    await publish({ subject: DROPPED_SUBJECT, about: author, at, data: dropped });
    await tx.query('select * from drop_evidence($1, $2, $3, $4, $5, $6)', [
      ...[author, incarnation, cut.through, cut.sessions, cutoffs.sessions, dropped],
    ]); // it deletes what the statement says, or fails
    return { facts: cut.facts, records: cut.records };
  });
}
