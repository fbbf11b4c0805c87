import type { EntityManager } from 'typeorm';
import type { ReceivedFact } from '../fact/read-fact.js';

/** Counts, for each author, the facts and bytes received and the bytes of quarantined facts that were kept. */
export async function countTraffic(
  tx: EntityManager,
  facts: readonly ReceivedFact[],
  quarantined: readonly ReceivedFact[],
): Promise<void> {
  const authors = [...new Set(facts.map(({ author }) => author ?? ''))].sort();
  const of = (all: readonly ReceivedFact[]) => authors.map((author) => all.filter((fact) => (fact.author ?? '') === author));
  const bytes = (all: readonly ReceivedFact[]) => all.reduce((sum, fact) => sum + fact.bytes.length, 0);
  const taken = of(facts);
  await tx.query(
    `insert into traffic (author, began_at, facts, bytes, quarantined_bytes)
       select author, date_bin('5 minutes', now(), 'epoch'), facts, bytes, quarantined
         from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) as i (author, facts, bytes, quarantined)
     on conflict on constraint traffic_once do update set facts = traffic.facts + excluded.facts,
       bytes = traffic.bytes + excluded.bytes, quarantined_bytes = traffic.quarantined_bytes + excluded.quarantined_bytes`,
    [authors, taken.map((all) => all.length), taken.map(bytes), of(quarantined).map(bytes)],
  );
}
