import { clusterOfFact } from '@sluice/contracts';
import type { EntityManager } from 'typeorm';
import { digestOf } from '../fact/digest-of.js';
import { type ReceivedFact, sessionOf } from '../fact/read-fact.js';
import type { QuarantineBudget } from '../quarantine/quarantine-budget.js';

interface Inserted {
  author: string;
  id: string;
  subject: string;
  /** Null where the id alone says which fact it is. */
  digest: Buffer | null;
}

/**
 * Stores the bytes of facts that have an id, or only their digest if their author's budget is used up. If several
 * facts of a batch have the same id, which of them was stored is decided by the bytes. The same statement notes
 * the proxy clusters of relays that were not known.
 * @returns the new facts, and those that contradict a stored one
 */
export async function insertFacts(
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
    of.map((fact) => (fact.record === undefined ? null : sessionOf(fact.record))),
  ];
  const given = 'unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bytea[], $7::bytea[], $8::uuid[])';
  const other = '(f.subject <> i.subject or coalesce(f.digest, sha256(f.bytes)) <> coalesce(i.digest, sha256(i.bytes)))';
  const repeated = new Set(facts.map(nameOf)).size < facts.length;
  const inserted = await tx.query<Inserted[]>(
    `with relay as (insert into relay_cluster (relay_id, cluster) select * from unnest($9::text[], $10::text[]) on conflict do nothing)
     insert into fact (author, id, subject, incarnation, number, bytes, digest, session_id) select * from ${given} on conflict do nothing
     returning author, id, subject, ${repeated ? 'coalesce(digest, sha256(bytes))' : 'null::bytea'} as digest`,
    [...columns(facts), ...relaysOf(facts)],
  );
  const added = new Map(inserted.map((row) => [nameOf(row), row]));
  const fresh = facts.filter((fact) => {
    const row = added.get(nameOf(fact));
    if (row?.subject !== fact.subject || (row.digest && !row.digest.equals(digestOf(fact)))) return false;
    return added.delete(nameOf(fact));
  });
  const isFresh = new Set(fresh);
  const repeats = facts.filter((fact) => !isFresh.has(fact));
  if (repeats.length === 0) return { fresh, conflicting: [] };
  const contradicting = await tx.query<{ n: string }[]>(
    `select i.n from ${given} with ordinality as i (author, id, subject, incarnation, number, bytes, digest, session_id, n)
      where exists (select 1 from fact f where f.author = i.author and f.id = i.id and ${other})
         or exists (select 1 from fact f where f.author = i.author and f.incarnation = i.incarnation and f.number = i.number and ${other})`,
    columns(repeats),
  );
  return { fresh, conflicting: contradicting.map(({ n }) => repeats[Number(n) - 1] as ReceivedFact) };
}

const nameOf = ({ author, id }: { readonly author: string | null; readonly id: string | undefined }): string => `${author} ${id}`;

/** The relays that published facts, and the proxy clusters of each, in an order that makes no two transactions wait for each other. */
function relaysOf(facts: readonly ReceivedFact[]): [relays: string[], clusters: string[]] {
  const clusters = new Map<string, string>();
  for (const { author, subject } of facts) {
    const cluster = clusterOfFact(subject);
    if (author !== null && cluster !== undefined) clusters.set(author, cluster);
  }
  const relays = [...clusters.keys()].sort();
  return [relays, relays.map((relay) => clusters.get(relay) as string)];
}
