import type { DataSource, EntityManager } from 'typeorm';
import { notAdmitted, TOO_MANY_JOURNALS } from '../chain/admit-journals.js';
import { advanceChains, journalName, noteStarts, type Progress } from '../chain/advance-chains.js';
import { noteLate } from '../integrity/note-late.js';
import { applyFacts } from '../record/apply-facts.js';
import { digestOf, quarantine, type Troubled } from '../quarantine/quarantine.js';
import { QuarantineBudget } from '../quarantine/quarantine-budget.js';
import { countTraffic } from '../traffic/count-traffic.js';
import { type ReceivedFact, readFact, type RecordFact } from '../fact/read-fact.js';

/** A message of the stream. */
export interface StreamMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Its number in the stream. */
  readonly seq: number;
}

/** The result of storing a batch. */
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
 * may arrive in any order, late and repeatedly; one that is stored already changes nothing. No fact holds up another: one
 * that cannot become part of a record is quarantined, and its number still advances the chain. After this returns the whole
 * batch may be acknowledged.
 *
 *   bytes ──► fact ──► record (behind a savepoint)
 *               │         └──► quarantine: malformed, impossible, or about another author's session
 *               └──► quarantine: the same number or id with other bytes
 */
export async function storeFacts(database: DataSource, messages: readonly StreamMessage[]): Promise<Stored> {
  const facts = messages.map(({ subject, data }) => readFact(subject, data));
  return database.transaction(async (tx) => {
    const beyond = await notAdmitted(tx, facts);
    const doubtful = facts.filter((fact) => fact.trouble !== undefined || beyond.has(fact));
    const budget = await QuarantineBudget.of(tx, facts);
    for (const fact of doubtful) budget.take(fact);
    const { fresh, conflicting } = await insertFacts(tx, facts, budget);
    await noteLate(tx, fresh);
    const troubled: Troubled[] = conflicting.map((fact) => ({
      fact,
      kind: 'conflict',
      reason: 'its author has used this number or id for another fact',
    }));
    for (const fact of conflicting) if (!doubtful.includes(fact)) budget.take(fact);
    for (const fact of doubtful)
      if (!conflicting.includes(fact))
        troubled.push({ fact, kind: fact.foreign ? 'foreign' : 'quarantined', reason: fact.trouble ?? TOO_MANY_JOURNALS });
    const admitted = (fact: ReceivedFact) => !beyond.has(fact);
    for (const { fact, reason } of await applyFacts(tx, fresh.filter(admitted)))
      troubled.push({ fact, kind: 'quarantined', reason });
    const quarantined = await quarantine(tx, troubled, budget);
    const progress = await advanceChains(tx, {
      facts: facts.filter(admitted),
      fresh: fresh.filter(admitted),
      from: await takeReceipts(tx, messages),
    });
    await noteStarts(tx, fresh);
    const kept = quarantined.map(({ fact }) => fact).filter((fact) => budget.keeps(fact));
    await countTraffic(tx, facts, kept);
    const journals = progress.map(({ author, incarnation }) => journalName(author, incarnation));
    const records = fresh.flatMap(({ record }) => record ?? []);
    return { progress, quarantined, records, active: new Set([...facts.flatMap(({ author }) => author ?? []), ...journals]) };
  });
}

/**
 * Notes how far the stream is stored, and reserves receipt numbers for the batch. The row lock makes copies of this service
 * do so one after another.
 * @returns the receipt number of the batch's first fact
 */
async function takeReceipts(tx: EntityManager, messages: readonly StreamMessage[]): Promise<number> {
  const last = Math.max(...messages.map(({ seq }) => seq));
  const [rows] = await tx.query<[{ receipts: string }[], number]>(
    'update stream_position set sequence = greatest(sequence, $1), receipts = receipts + $2 returning receipts',
    [last, messages.length],
  );
  return Number(rows[0]?.receipts) - messages.length + 1;
}

/** The sequence in the stream up to which facts are stored, at least. */
export async function storedPosition(database: DataSource): Promise<number> {
  const [row] = await database.query<{ sequence: string }[]>('select sequence from stream_position');
  return Number(row?.sequence ?? 0);
}

/**
 * Stores the bytes of facts that have an id, or only their digest if their author's budget is used up.
 * @returns the new facts, and those that contradict a stored one
 */
async function insertFacts(
  tx: EntityManager,
  all: readonly ReceivedFact[],
  budget: QuarantineBudget,
): Promise<{ fresh: ReceivedFact[]; conflicting: ReceivedFact[] }> {
  const facts = all.filter((fact) => fact.author !== null && fact.id !== undefined);
  if (facts.length === 0) return { fresh: [], conflicting: [] };
  const columns = (of: readonly ReceivedFact[]) => [
    of.map((fact) => fact.author),
    of.map((fact) => fact.id),
    of.map((fact) => fact.subject),
    of.map((fact) => fact.place?.incarnation ?? null),
    of.map((fact) => fact.place?.number ?? null),
    of.map((fact) => (budget.keeps(fact) ? Buffer.from(fact.bytes) : null)),
    of.map((fact) => (budget.keeps(fact) ? null : digestOf(fact))),
  ];
  const given = 'unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[], $7::bytea[])';
  const other = 'coalesce(f.digest, sha256(f.bytes)) <> coalesce(i.digest, sha256(i.bytes))';
  const inserted = await tx.query<{ author: string; id: string }[]>(
    `insert into fact (author, id, subject, incarnation, number, bytes, digest) select * from ${given} on conflict do nothing returning author, id`,
    columns(facts),
  );
  const added = new Set(inserted.map(({ author, id }) => `${author} ${id}`));
  const fresh = facts.filter((fact) => added.delete(`${fact.author} ${fact.id}`));
  const repeats = facts.filter((fact) => !fresh.includes(fact));
  if (repeats.length === 0) return { fresh, conflicting: [] };
  const contradicting = await tx.query<{ n: string }[]>(
    `select i.n from ${given} with ordinality as i (author, id, subject, incarnation, number, bytes, digest, n)
      where exists (select 1 from fact f where f.author = i.author and f.id = i.id and ${other})
         or exists (select 1 from fact f where f.author = i.author and f.incarnation = i.incarnation and f.number = i.number and ${other})`,
    columns(repeats),
  );
  return { fresh, conflicting: contradicting.map(({ n }) => repeats[Number(n) - 1] as ReceivedFact) };
}
