import type { SessionCheckpoint, SessionClosed } from '@sluice/contracts';
import type { EntityManager } from 'typeorm';
import { type ReceivedFact, sessionOf } from '../fact/read-fact.js';
import { presumedDuration } from './presumed-duration.js';
import { closing, isPossibleEnd } from './record-columns.js';

/**
 * Applies the ends of sessions that began in earlier batches with one statement, and the checkpoints of others with one: only of
 * sessions about which nothing else is still to be applied, so that the order of facts does not matter, and only to records that
 * exist and are not final. Impossible ends are left to be applied, and rejected, singly. The records are those that the facts would make singly.
 * @returns the facts that are still to be applied, in their order
 */
export async function updateSessions(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<ReceivedFact[]> {
  const alone = aloneIn(facts);
  const of = (kind: 'closed' | 'checkpoint') => alone.filter((fact) => fact.record?.kind === kind);
  const ends = of('closed').filter(({ record }) => isPossibleEnd(record?.data as SessionClosed));
  const applied = new Set([...(await end(tx, ends)), ...(await progress(tx, of('checkpoint')))]);
  return facts.filter((fact) => !applied.has(fact));
}

/** The facts whose session no other one is about. */
function aloneIn(facts: readonly ReceivedFact[]): ReceivedFact[] {
  const counts = new Map<string, number>();
  const idOf = ({ record }: ReceivedFact) => (record ? sessionOf(record).toLowerCase() : '');
  for (const fact of facts) counts.set(idOf(fact), (counts.get(idOf(fact)) ?? 0) + 1);
  return facts.filter((fact) => counts.get(idOf(fact)) === 1);
}

/** @returns the facts that were applied */
async function end(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<ReceivedFact[]> {
  const records = facts.map(({ author, incarnation, record }) => {
    const data = record?.data as SessionClosed;
    return { id: data.sessionId, relay_id: author, incarnation: incarnation ?? null, ...closing(data), ended_by: data.endedBy };
  });
  if (!records[0]) return [];
  const { id: _id, relay_id: _relay, incarnation: _incarnation, ...columns } = records[0];
  const set = Object.keys(columns).map((name) => `${name} = given.${name}`);
  return update(tx, facts, records, `incarnation = coalesce(session.incarnation, given.incarnation), ${set.join(', ')}`);
}

/** @returns the facts that were applied */
async function progress(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<ReceivedFact[]> {
  const records = facts.map(({ author, record }) => {
    const data = record?.data as SessionCheckpoint;
    return {
      ...{ id: data.sessionId, relay_id: author },
      bytes_up: data.bytesUp,
      bytes_down: data.bytesDown,
      duration_ms: data.durationMs,
    };
  });
  const highest = (column: string) => `greatest(session.${column}, given.${column})`;
  const set = ['bytes_up', 'bytes_down', 'duration_ms'].map((column) => `${column} = ${highest(column)}`);
  const ended = `ended_at = case when session.state = 'live' then null else session.started_at + ${presumedDuration(highest('duration_ms'))} end`;
  return update(tx, facts, records, [...set, ended].join(', '));
}

/**
 * Changes those of the given records that exist, are the relay's and not final. They are locked first, in the order of their ids, so
 * that copies of this service do not wait for each other in a circle, and found by their ids alone: where few records are not final,
 * PostgreSQL would otherwise compare each of these with each of the given ones.
 * @returns the facts that were applied
 */
async function update(
  tx: EntityManager,
  facts: readonly ReceivedFact[],
  records: readonly { id: string; relay_id: string | null }[],
  set: string,
): Promise<ReceivedFact[]> {
  if (records.length === 0) return [];
  const rows = await tx.query<{ id: string; relay_id: string | null; state: string }[]>(
    'select id, relay_id, state from session where id = any($1::uuid[]) order by id for update',
    [records.map(({ id }) => id)],
  );
  const locked = new Map(rows.map((row) => [row.id, row]));
  const changes = records.map(({ id, relay_id }) => {
    const row = locked.get(id.toLowerCase());
    return row?.relay_id === relay_id && row.state !== 'final';
  });
  if (!changes.includes(true)) return [];
  await tx.query(
    `update session set revision = session.revision + 1, ${set} from json_populate_recordset(null::session, $1::json) given
      where session.id = given.id`,
    [JSON.stringify(records.filter((_record, at) => changes[at]))],
  );
  return facts.filter((_fact, at) => changes[at]);
}
