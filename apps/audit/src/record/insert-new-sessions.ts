import type { SessionClosed, SessionOpened } from '@sluice/contracts';
import type { EntityManager } from 'typeorm';
import type { ReceivedFact } from '../fact/read-fact.js';
import { beginning, closing, type Columns, isPossibleEnd } from './record-columns.js';

/** The facts of a batch about a session that begins in it. */
interface NewSession {
  readonly opened: ReceivedFact;
  closed?: ReceivedFact;
}

/**
 * Inserts the records of the sessions that begin in a batch with one statement, whether or not they also end in it. A record that
 * is written once costs half of one that is inserted and then updated, since each of its many indexes has to be changed only once.
 * The record is the one that both facts would make singly, with the same revision. Everybody writes records in the order of their
 * ids, so that two copies of this service do not wait for each other in a circle.
 * @returns the facts that are still to be applied, in their order
 */
export async function insertNewSessions(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<ReceivedFact[]> {
  const sessions = newSessionsIn(facts);
  const applied = new Set<ReceivedFact>();
  const inOrder = [...sessions].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const id of await insert(
    tx,
    inOrder.map(([id, session]) => recordOf(id, session)),
  )) {
    const session = sessions.get(id); // none if the fact writes the id in another way, and then it is applied again, which is harmless
    for (const fact of [session?.opened, session?.closed]) if (fact) applied.add(fact);
  }
  return facts.filter((fact) => !applied.has(fact));
}

function newSessionsIn(facts: readonly ReceivedFact[]): Map<string, NewSession> {
  const sessions = new Map<string, NewSession>();
  for (const fact of facts) {
    if (fact.record?.kind !== 'opened') continue;
    const { sessionId } = fact.record.data as SessionOpened;
    const other = sessions.get(sessionId)?.opened;
    if (!other || (other.author === fact.author && isBefore(fact, other))) sessions.set(sessionId, { opened: fact });
  }
  for (const fact of facts) {
    if (fact.record?.kind !== 'closed') continue;
    const ended = fact.record.data as SessionClosed;
    if (!isPossibleEnd(ended)) continue;
    const session = sessions.get(ended.sessionId);
    if (session?.closed || session?.opened.author !== fact.author || session.opened.incarnation !== fact.incarnation) continue;
    session.closed = fact;
  }
  return sessions;
}

/** Whether a fact has the lower number, so that it counts if both say how a session began. */
const isBefore = (fact: ReceivedFact, other: ReceivedFact): boolean =>
  fact.incarnation === other.incarnation && (fact.place?.number ?? 0) < (other.place?.number ?? 0);

function recordOf(id: string, { opened, closed }: NewSession): Columns {
  const begun = opened.record?.data as SessionOpened;
  const ended = closed?.record?.data as SessionClosed | undefined;
  return {
    id,
    relay_id: opened.author,
    incarnation: opened.incarnation ?? null,
    begun_number: opened.place?.number ?? null,
    revision: ended ? 2 : 1,
    state: 'live',
    counts_differ: false,
    ...beginning(begun),
    resource_tags: begun.resource.tags,
    ...(ended ? { ...closing(ended), ended_by: ended.endedBy } : {}),
  };
}

/** Inserts records except those that exist; a column that one does not have is null. @returns the ids of the inserted ones */
async function insert(tx: EntityManager, records: readonly Columns[]): Promise<string[]> {
  if (records.length === 0) return [];
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))].join(', ');
  const rows = await tx.query<{ id: string }[]>(
    `insert into session (${names}) select ${names} from json_populate_recordset(null::session, $1::json)
     on conflict (id) do nothing returning id`,
    [JSON.stringify(records)],
  );
  return rows.map(({ id }) => id);
}
