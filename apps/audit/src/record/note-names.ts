import type { AttemptUnanswered, SessionOpened } from '@sluice/contracts';
import type { DataSource } from 'typeorm';
import type { ReceivedFact } from '../fact/read-fact.js';

/**
 * Notes the names and tags in facts that begin sessions, by which these are then found, before the facts are stored. The database
 * does so too for every record that is written, but then within the transaction of a batch, in which two copies of this service that
 * note the same new names would wait for each other. Names that no record has after all do no harm. If it fails, nothing is lost:
 * the names are noted with the records, or what prevents it prevents that too.
 */
export async function noteNames(database: Pick<DataSource, 'query'>, facts: readonly ReceivedFact[]): Promise<void> {
  const begun = new Set(facts.flatMap((fact) => namesIn(fact) ?? []).map((names) => JSON.stringify(names)));
  if (begun.size === 0) return;
  try {
    await database.query(
      'select note_names(array(select begun from json_populate_recordset(null::session, $1::json) begun)) as noted',
      [`[${[...begun].join(',')}]`],
    );
  } catch {
    // the fact that is to blame fails by itself when it is applied
  }
}

function namesIn({ author, record }: ReceivedFact): object | undefined {
  if (author === null || record === undefined || record.kind === 'closed' || record.kind === 'checkpoint') return undefined;
  const { account, resource } = record.data as SessionOpened | AttemptUnanswered;
  const names = { account_id: account.id, account_email: account.email, resource_id: resource.id, resource_name: resource.name };
  if (record.kind === 'unanswered') return names;
  const { relay, resource: of } = record.data as SessionOpened;
  return { ...names, resource_tags: of.tags, relay_id: author, relay_name: relay.name };
}
