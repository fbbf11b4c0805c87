import { AUDIT_HEARTBEAT } from '@sluice/contracts';
import type { DataSource } from 'typeorm';
import { notAdmitted, TOO_MANY_JOURNALS } from '../chain/admit-journals.js';
import { advanceChains, journalName, noteStarts, type Progress } from '../chain/advance-chains.js';
import { DROPPED, droppedNumbers } from '../chain/dropped-numbers.js';
import { noteHeads } from '../integrity/check-heads.js';
import { noteAltered } from '../integrity/note-altered.js';
import { noteLate } from '../integrity/note-late.js';
import { applyFacts } from '../record/apply-facts.js';
import { namesAreNoted, noteNames } from '../record/note-names.js';
import { quarantine, type Troubled } from '../quarantine/quarantine.js';
import { QuarantineBudget } from '../quarantine/quarantine-budget.js';
import { countTraffic } from '../traffic/count-traffic.js';
import { type ReceivedFact, readFact, type RecordFact } from '../fact/read-fact.js';
import { insertFacts } from './insert-facts.js';
import { takeReceipts } from './stream-position.js';

/** A message of the stream. */
export interface StreamMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Its number in the stream. */
  readonly seq: number;
}

/** What has become of stored facts. */
export interface Stored {
  readonly progress: Progress[];
  readonly quarantined: readonly Troubled[];
  /** Names of the authors of the facts and of their journals, which have thereby shown that they are active. */
  readonly active: ReadonlySet<string>;
  /** What records follow from. */
  readonly records: readonly RecordFact[];
}

/**
 * Stores a batch in one transaction: first the bytes of every fact, then the records that follow from the new ones. Facts
 * may arrive in any order, late and repeatedly; one that is stored already changes nothing. One that cannot become part of a
 * record is quarantined, and its number still advances the chain.
 *
 *   bytes ──► fact ──► record (within a savepoint)
 *               │         └──► quarantine: malformed, impossible, or about another author's session
 *               └──► quarantine: the same number or id with other bytes, or a number that was dropped
 *
 * Of a heartbeat only the number in the stream is noted: it says nothing that does not follow from facts that are stored.
 */
export async function storeBatch(database: DataSource, messages: readonly StreamMessage[]): Promise<Stored> {
  const facts = messages.filter(({ subject }) => subject !== AUDIT_HEARTBEAT).map(({ subject, data }) => readFact(subject, data));
  const noted = await noteNames(database, facts);
  return database.transaction(async (tx) => {
    if (noted) await namesAreNoted(tx);
    const beyond = await notAdmitted(tx, facts);
    const doubtful = facts.filter((fact) => fact.trouble !== undefined || beyond.has(fact));
    const budget = await QuarantineBudget.of(tx, facts);
    for (const fact of doubtful) budget.take(fact);
    const gone = await droppedNumbers(tx, facts);
    const { fresh, conflicting } = await insertFacts(
      tx,
      facts.filter((fact) => !gone.has(fact)),
      budget,
    );
    await noteHeads(tx, fresh);
    await noteLate(tx, fresh);
    const troubled: Troubled[] = conflicting.map((fact) => ({
      fact,
      kind: 'conflict',
      reason: 'its author has used this number or id for another fact',
      inFact: false,
    }));
    for (const fact of gone) troubled.push({ fact, kind: 'conflict', reason: DROPPED, inFact: false });
    for (const fact of [...conflicting, ...gone]) if (!doubtful.includes(fact)) budget.take(fact);
    for (const fact of doubtful)
      if (!conflicting.includes(fact) && !gone.has(fact))
        troubled.push({
          fact,
          kind: fact.foreign ? 'foreign' : 'quarantined',
          reason: fact.trouble ?? TOO_MANY_JOURNALS,
          inFact: true,
        });
    const admitted = (fact: ReceivedFact) => !beyond.has(fact);
    for (const rejected of await applyFacts(tx, fresh.filter(admitted))) troubled.push({ ...rejected, inFact: true });
    const quarantined = await quarantine(tx, troubled, budget);
    const progress = await advanceChains(tx, {
      facts: facts.filter(admitted),
      fresh: fresh.filter(admitted),
      from: await takeReceipts(tx, messages),
    });
    await noteStarts(tx, fresh);
    await noteAltered(tx, fresh.filter(admitted)); // the chains are locked now
    const kept = quarantined.map(({ fact }) => fact).filter((fact) => budget.keeps(fact));
    await countTraffic(tx, facts, kept);
    const journals = progress.map(({ author, incarnation }) => journalName(author, incarnation));
    const records = fresh.flatMap(({ record }) => record ?? []);
    return { progress, quarantined, records, active: new Set([...facts.flatMap(({ author }) => author ?? []), ...journals]) };
  });
}
