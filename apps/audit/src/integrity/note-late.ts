import type { EntityManager } from 'typeorm';
import type { ReceivedFact } from '../fact/read-fact.js';
import { noteIntegrity } from './note-integrity.js';

interface Filling {
  author: string;
  incarnation: string;
  first_number: string;
  last_number: string;
  number: string;
  facts: string;
}

/**
 * Reports new facts whose numbers had been given up as a gap, and how many numbers of that gap are still missing. The facts
 * are stored and become part of records like all others. A gap that receives more than was missing from it holds up nothing:
 * `surplus` says how many.
 */
export async function noteLate(tx: EntityManager, fresh: readonly ReceivedFact[]): Promise<void> {
  const numbered = fresh.flatMap(({ author, place }) => (author === null || !place ? [] : [{ author, ...place }]));
  if (numbered.length === 0) return;
  const fillings = await tx.query<Filling[]>(
    `select g.author, g.incarnation, g.first_number, g.last_number, min(i.number) as number, count(*) as facts
       from unnest($1::text[], $2::text[], $3::bigint[]) as i (author, incarnation, number)
       join gap g on g.author = i.author and g.incarnation = i.incarnation and i.number between g.first_number and g.last_number
      group by g.author, g.incarnation, g.first_number, g.last_number order by g.author, g.incarnation, g.first_number`,
    [numbered.map(({ author }) => author), numbered.map(({ incarnation }) => incarnation), numbered.map(({ number }) => number)],
  );
  for (const { author, incarnation, first_number: from, last_number: to, number, facts } of fillings) {
    const [rows] = await tx.query<[{ missing: string; surplus: string }[], number]>(
      `update gap set missing = greatest(gap.missing - $4, 0),
              filled_at = case when gap.missing <= $4 then coalesce(gap.filled_at, now()) end
         from (select missing from gap where author = $1 and incarnation = $2 and first_number = $3 for update) before
        where author = $1 and incarnation = $2 and first_number = $3
       returning gap.missing, greatest($4 - before.missing, 0) as surplus`,
      [author, incarnation, from, facts],
    );
    const missing = Number(rows[0]?.missing);
    const surplus = Number(rows[0]?.surplus);
    const gap = { from: Number(from), to: Number(to), missing, ...(surplus > 0 ? { surplus } : {}) };
    const detail = { incarnation, number: Number(number), facts: Number(facts), gap };
    await noteIntegrity(tx, 'late', author, detail);
  }
}
