import { StoredThrough } from '@sluice/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import type { z } from 'zod';
import { applyFacts } from '../record/apply-facts.js';
import { type ReceivedFact, readFact } from './read-fact.js';

/** A message as it came from the stream. */
export interface StreamMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Its number in the stream. */
  readonly seq: number;
}

/** How far the facts of one relay's incarnation are stored without a gap. */
export type Progress = z.infer<typeof StoredThrough> & { readonly node: string };

/** What storing a batch came to. */
export interface Stored {
  readonly progress: Progress[];
  readonly setAside: { subject: string; reason: string }[];
}

/**
 * Stores a batch in one transaction: the bytes of every fact, and the records that follow from the new ones. Facts may come
 * in any order, late and twice; a fact that is there already changes nothing. After this returns they may be acknowledged.
 */
export async function storeFacts(database: DataSource, messages: readonly StreamMessage[]): Promise<Stored> {
  const facts: ReceivedFact[] = [];
  const setAside: { subject: string; reason: string; bytes: Uint8Array }[] = [];
  for (const { subject, data } of messages) {
    const read = readFact(subject, data);
    if ('fact' in read) facts.push(read.fact);
    else setAside.push({ subject, reason: read.reason, bytes: data });
  }
  const progress = await database.transaction(async (tx) => {
    const fresh = await insertFacts(tx, facts);
    for (const { subject, bytes } of await applyFacts(tx, fresh))
      setAside.push({ subject, bytes, reason: "the session is another relay's" });
    for (const { subject, reason, bytes } of setAside) {
      await tx.query('insert into set_aside (subject, reason, bytes) values ($1, $2, $3)', [subject, reason, Buffer.from(bytes)]);
    }
    const last = Math.max(...messages.map(({ seq }) => seq));
    await tx.query('update stream_position set sequence = greatest(sequence, $1)', [last]);
    return advanceChains(tx, facts);
  });
  return { progress, setAside: setAside.map(({ subject, reason }) => ({ subject, reason })) };
}

/** Up to where the stream is stored: at least that far. */
export async function storedPosition(database: DataSource): Promise<number> {
  const [row] = await database.query<{ sequence: string }[]>('select sequence from stream_position');
  return Number(row?.sequence ?? 0);
}

async function insertFacts(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<ReceivedFact[]> {
  if (facts.length === 0) return [];
  const column = <T>(of: (fact: ReceivedFact) => T) => facts.map(of);
  const inserted = await tx.query<{ id: string }[]>(
    `insert into fact (id, subject, node, incarnation, number, bytes)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[])
     on conflict do nothing returning id`,
    [
      column((fact) => fact.envelope.id),
      column((fact) => fact.subject),
      column((fact) => fact.envelope.node ?? null),
      column((fact) => fact.envelope.incarnation ?? null),
      column((fact) => fact.envelope.number ?? null),
      column((fact) => Buffer.from(fact.bytes)),
    ],
  );
  const fresh = new Set(inserted.map((row) => row.id));
  return facts.filter((fact) => fresh.delete(fact.envelope.id));
}

/** Moves `through` on over every number that is now there, and says where it stands for each incarnation in the batch. */
async function advanceChains(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<Progress[]> {
  const named = new Map<string, string>();
  for (const { envelope } of facts) {
    if (envelope.number !== undefined && envelope.incarnation !== undefined)
      named.set(envelope.incarnation, envelope.node as string);
  }
  const progress: Progress[] = [];
  for (const [incarnation, node] of [...named].sort()) {
    await tx.query('insert into chain (incarnation, node) values ($1, $2) on conflict do nothing', [incarnation, node]);
    const [rows] = await tx.query<[{ through: string }[], number]>(
      `update chain set through = coalesce((
         select min(f.number) from fact f
          where f.incarnation = $1 and f.number > chain.through
            and not exists (select 1 from fact n where n.incarnation = $1 and n.number = f.number + 1)
            and exists (select 1 from fact s where s.incarnation = $1 and s.number = chain.through + 1)
       ), through) where incarnation = $1 returning through`,
      [incarnation],
    );
    progress.push({ incarnation, node, through: Number(rows[0]?.through ?? 0) });
  }
  return progress;
}
