import type { EntityManager } from 'typeorm';
import type { ReceivedFact } from '../fact/read-fact.js';
import { journalName } from './advance-chains.js';

/** How many journals a relay may begin within an hour. A relay that is restarted without its disk begins one each time. */
const MAX_PER_HOUR = 100;

/** The reason for quarantining a fact whose journal is not admitted. */
export const TOO_MANY_JOURNALS = `its relay began more than ${MAX_PER_HOUR} journals within an hour`;

/**
 * Finds the facts of journals that are not admitted, because their relay began too many within the hour. The facts are stored,
 * but their numbers do not advance a chain until the journal is admitted, which happens with its next fact that arrives when
 * the relay is below the limit again. Services are exempt: they begin one journal per process, and only operators start them.
 */
export async function notAdmitted(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<Set<ReceivedFact>> {
  const named = new Map<string, { author: string; incarnation: string }>();
  for (const { author, place } of facts)
    if (author?.includes('-') && place)
      named.set(journalName(author, place.incarnation), { author, incarnation: place.incarnation });
  const unknown = await tx.query<{ author: string; incarnation: string; begun: string }[]>(
    `select author, incarnation,
            (select count(*) from chain c where c.author = i.author and c.begun_at > now() - interval '1 hour') as begun
       from unnest($1::text[], $2::text[]) with ordinality as i (author, incarnation, n)
      where not exists (select 1 from chain c where c.author = i.author and c.incarnation = i.incarnation) order by n`,
    [[...named.values()].map(({ author }) => author), [...named.values()].map(({ incarnation }) => incarnation)],
  );
  const begun = new Map<string, number>();
  const beyond = new Set<string>();
  for (const { author, incarnation, begun: before } of unknown) {
    const count = (begun.get(author) ?? Number(before)) + 1;
    begun.set(author, count);
    if (count > MAX_PER_HOUR) beyond.add(journalName(author, incarnation));
  }
  return new Set(
    facts.filter(({ author, place }) => author !== null && place && beyond.has(journalName(author, place.incarnation))),
  );
}
