import type { EntityManager } from 'typeorm';
import type { ReceivedFact } from '../fact/read-fact.js';

/** The reason for quarantining a fact whose number was dropped. */
export const DROPPED = 'its number belongs to the part of its chain that was dropped by retention';

/**
 * Finds the facts that belong to a part of a chain that was dropped. They are not stored in the chain again, and no record is made
 * of them: neither of one that is delivered again, nor of one that was missing all the time.
 */
export async function droppedNumbers(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<Set<ReceivedFact>> {
  const numbered = facts.filter(({ author, place }) => author !== null && place);
  const rows = await tx.query<{ n: string }[]>(
    `select i.n from unnest($1::text[], $2::text[], $3::bigint[]) with ordinality as i (author, incarnation, number, n)
       join chain c on c.author = i.author and c.incarnation = i.incarnation and c.dropped_through >= i.number`,
    [
      numbered.map(({ author }) => author),
      numbered.map(({ place }) => place?.incarnation),
      numbered.map(({ place }) => place?.number),
    ],
  );
  return new Set(rows.map(({ n }) => numbered[Number(n) - 1] as ReceivedFact));
}
