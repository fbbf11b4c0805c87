import { StoredThrough } from '@sluice/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import type { z } from 'zod';
import { noteLate } from '../integrity/note-late.js';
import { applyFacts } from '../record/apply-facts.js';
import { quarantine, type Troubled } from '../quarantine/quarantine.js';
import { type ReceivedFact, readFact } from './read-fact.js';

/** A message as it came from the stream. */
export interface StreamMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Its number in the stream. */
  readonly seq: number;
}

/** How far the facts of one author's incarnation are stored without a gap. */
export type Progress = z.infer<typeof StoredThrough> & { readonly author: string };

/** What storing a batch came to. */
export interface Stored {
  readonly progress: Progress[];
  readonly quarantined: { subject: string; kind: string; reason: string }[];
  /** Whose facts they were. */
  readonly authors: ReadonlySet<string>;
}

/**
 * Stores a batch in one transaction: first the bytes of every fact, then the records that follow from the new ones. Facts
 * may come in any order, late and twice; a fact that is there already changes nothing. No fact holds up another: what cannot
 * become a record is quarantined, with its number counted. After this returns all may be acknowledged.
 *
 *   bytes ──► fact ──► record (behind a savepoint)
 *               │         └──► quarantine: not understood, impossible, another relay's session
 *               └──► quarantine: the same number or id with other bytes
 */
export async function storeFacts(database: DataSource, messages: readonly StreamMessage[]): Promise<Stored> {
  const facts = messages.map(({ subject, data }) => readFact(subject, data));
  return database.transaction(async (tx) => {
    const { fresh, conflicting } = await insertFacts(tx, facts);
    await noteLate(tx, fresh);
    const troubled: Troubled[] = facts.flatMap((fact) =>
      fact.trouble === undefined ? [] : [{ fact, kind: 'quarantined', reason: fact.trouble }],
    );
    for (const fact of conflicting)
      troubled.push({ fact, kind: 'conflict', reason: 'its author has used this number or id for another fact' });
    for (const { fact, reason } of await applyFacts(tx, fresh)) troubled.push({ fact, kind: 'quarantined', reason });
    const quarantined = await quarantine(tx, troubled);
    const last = Math.max(...messages.map(({ seq }) => seq));
    await tx.query('update stream_position set sequence = greatest(sequence, $1)', [last]);
    const progress = await advanceChains(tx, facts);
    await noteStarts(tx, fresh);
    return { progress, quarantined, authors: new Set(facts.flatMap(({ author }) => author ?? [])) };
  });
}

/** Up to where the stream is stored: at least that far. */
export async function storedPosition(database: DataSource): Promise<number> {
  const [row] = await database.query<{ sequence: string }[]>('select sequence from stream_position');
  return Number(row?.sequence ?? 0);
}

/** Stores the bytes of facts that have an id. @returns those that are new, and those that contradict one that is there */
async function insertFacts(
  tx: EntityManager,
  all: readonly ReceivedFact[],
): Promise<{ fresh: ReceivedFact[]; conflicting: ReceivedFact[] }> {
  const facts = all.filter((fact) => fact.author !== null && fact.id !== undefined);
  if (facts.length === 0) return { fresh: [], conflicting: [] };
  const columns = (of: readonly ReceivedFact[]) => [
    of.map((fact) => fact.author),
    of.map((fact) => fact.id),
    of.map((fact) => fact.subject),
    of.map((fact) => fact.place?.incarnation ?? null),
    of.map((fact) => fact.place?.number ?? null),
    of.map((fact) => Buffer.from(fact.bytes)),
  ];
  const given = 'unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[])';
  const inserted = await tx.query<{ author: string; id: string }[]>(
    `insert into fact (author, id, subject, incarnation, number, bytes) select * from ${given} on conflict do nothing returning author, id`,
    columns(facts),
  );
  const added = new Set(inserted.map(({ author, id }) => `${author} ${id}`));
  const fresh = facts.filter((fact) => added.delete(`${fact.author} ${fact.id}`));
  const repeats = facts.filter((fact) => !fresh.includes(fact));
  if (repeats.length === 0) return { fresh, conflicting: [] };
  const contradicting = await tx.query<{ n: string }[]>(
    `select i.n from ${given} with ordinality as i (author, id, subject, incarnation, number, bytes, n)
      where exists (select 1 from fact f where f.author = i.author and f.id = i.id and f.bytes <> i.bytes)
         or exists (select 1 from fact f where f.author = i.author and f.incarnation = i.incarnation and f.number = i.number and f.bytes <> i.bytes)`,
    columns(repeats),
  );
  return { fresh, conflicting: contradicting.map(({ n }) => repeats[Number(n) - 1] as ReceivedFact) };
}

/** Moves `through` on over every number that is now there, and says where it stands for each chain in the batch. */
async function advanceChains(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<Progress[]> {
  const named = new Map<string, { author: string; incarnation: string }>();
  for (const { author, place } of facts) {
    if (author !== null && place) named.set(`${author} ${place.incarnation}`, { author, incarnation: place.incarnation });
  }
  const progress: Progress[] = [];
  for (const [, { author, incarnation }] of [...named].sort(([a], [b]) => (a < b ? -1 : 1))) {
    await tx.query('insert into chain (author, incarnation) values ($1, $2) on conflict do nothing', [author, incarnation]);
    progress.push({ author, incarnation, through: await advanceChain(tx, author, incarnation) });
  }
  return progress;
}

/** Notes when incarnations began: by their author's clock, and not later than now. */
async function noteStarts(tx: EntityManager, fresh: readonly ReceivedFact[]): Promise<void> {
  for (const { author, place, startedAt } of fresh) {
    if (startedAt === undefined || place?.number !== 1) continue;
    await tx.query('update chain set started_at = least($3::timestamptz, now()) where author = $1 and incarnation = $2', [
      author,
      place.incarnation,
      startedAt,
    ]);
  }
}

/** Moves one chain's `through` on over every number that is there. @returns where it stands then */
export async function advanceChain(tx: EntityManager, author: string, incarnation: string): Promise<number> {
  const [rows] = await tx.query<[{ through: string }[], number]>(
    `update chain set through = coalesce((
       select min(f.number) from fact f
        where f.author = $1 and f.incarnation = $2 and f.number > chain.through
          and not exists (select 1 from fact n where n.author = $1 and n.incarnation = $2 and n.number = f.number + 1)
          and exists (select 1 from fact s where s.author = $1 and s.incarnation = $2 and s.number = chain.through + 1)
     ), through) where author = $1 and incarnation = $2 returning through`,
    [author, incarnation],
  );
  return Number(rows[0]?.through ?? 0);
}
