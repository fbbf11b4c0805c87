import type { AttemptUnanswered, SessionOpened } from '@sluice/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import type { ReceivedFact } from '../fact/read-fact.js';

/** A name or tag, the id that had it, and who published it; the registry if null. */
type Name = readonly [kind: 'account' | 'resource' | 'relay' | 'tag', name: string, id: string, author: string | null];

/**
 * Notes the names and tags in facts that begin sessions, by which these are then found, before the facts are stored. The database
 * does so too for every record that is written, unless the transaction says that it was done before (see `namesAreNoted`): within
 * the transaction of a batch two copies of this service that note the same new names would wait for each other. Names that no
 * record has after all do no harm.
 * @returns false if it failed, which loses nothing: the names are noted with the records, or what prevents it prevents that too
 */
export async function noteNames(database: Pick<DataSource, 'query'>, facts: readonly ReceivedFact[]): Promise<boolean> {
  const distinct = new Map<string, Name>();
  for (const fact of facts) for (const name of namesIn(fact)) distinct.set(name.join('\n'), name);
  if (distinct.size === 0) return true;
  const names = [...distinct.values()];
  const columns = [0, 1, 2, 3].map((at) => names.map((name) => name[at]));
  try {
    await database.query('select note_names($1::text[], $2::text[], $3::text[], $4::text[]) as noted', columns);
    return true;
  } catch {
    return false; // the fact that is to blame fails by itself when it is applied
  }
}

/** Spares this transaction the second look at names that `noteNames` has noted. */
export const namesAreNoted = (tx: EntityManager): Promise<unknown> =>
  tx.query("select set_config('sluice.names_noted', 'yes', true)");

function namesIn({ author, record }: ReceivedFact): Name[] {
  if (author === null || record === undefined || record.kind === 'closed' || record.kind === 'checkpoint') return [];
  const by = record.kind === 'unanswered' ? null : author;
  const { account, resource } = record.data as SessionOpened | AttemptUnanswered;
  const names: Name[] = [];
  if (resource.name !== null) names.push(['resource', resource.name, resource.id, by]);
  if (account.email !== null) names.push(['account', account.email, account.id, by]);
  if (record.kind === 'unanswered') return names;
  const { relay, resource: of } = record.data as SessionOpened;
  names.push(['relay', relay.name, author, by]);
  for (const [key, value] of Object.entries(of.tags ?? {})) names.push(['tag', `${key}=${value}`, of.id, by]);
  return names;
}
