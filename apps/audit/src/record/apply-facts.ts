import type { AttemptEnded, AttemptUnanswered, SessionCheckpoint, SessionClosed, SessionOpened } from '@sluice/contracts';
import { exhaustive, outcomeOf } from '@sluice/domain';
import type { EntityManager } from 'typeorm';
import type { ReceivedFact } from '../fact/read-fact.js';
import { noteIntegrity } from '../integrity/note-integrity.js';
import { insertNewSessions } from './insert-new-sessions.js';
import { presumedDuration } from './presumed-duration.js';
import { attempt, beginning, closing, type Columns } from './record-columns.js';

/** A fact that cannot become part of a record, and why. */
export interface Rejected {
  readonly fact: ReceivedFact;
  readonly reason: string;
}

/** How many records of one relay may wait for their `opened`. */
const MAX_UNOPENED = 1000;

/** The content of a fact is impossible, so a retry would not help. */
class NotARecordError extends Error {}

/**
 * Applies new facts to records. Their order does not matter, because each kind of fact sets only its own columns and counts
 * only grow: `closed` and `checkpoint` may arrive before `opened`, and a `checkpoint` after `closed` changes nothing. All
 * facts are applied under one savepoint, new sessions with one statement; if one of them is impossible, each is applied under
 * a savepoint of its own.
 * @returns the facts that cannot become part of a record, and therefore changed nothing
 */
export async function applyFacts(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<Rejected[]> {
  const all = facts.filter((fact) => fact.record !== undefined);
  if (all.length === 0) return [];
  const together = await behindSavepoint(tx, async () => {
    for (const fact of await insertNewSessions(tx, all)) await applyFact(tx, fact);
  });
  if (together === undefined) return [];
  const rejected: Rejected[] = [];
  for (const fact of all) {
    const reason = await behindSavepoint(tx, () => applyFact(tx, fact));
    if (reason !== undefined) rejected.push({ fact, reason });
  }
  return rejected;
}

/**
 * Does some work under a savepoint, and rolls it back if the data is impossible.
 * @returns why it was rolled back; undefined when it succeeded
 * @throws Error when the database is to blame, so that the whole batch is retried later
 */
async function behindSavepoint(tx: EntityManager, work: () => Promise<void>): Promise<string | undefined> {
  await tx.query('savepoint fact');
  try {
    await work();
    await tx.query('release savepoint fact');
    return undefined;
  } catch (error) {
    if (!(error instanceof NotARecordError) && !isDataError(error)) throw error;
    await tx.query('rollback to savepoint fact');
    return (error as Error).message;
  }
}

/** Whether PostgreSQL rejects the data itself: an invalid value (22), a constraint (23), too long for an index (54), or a trigger of ours (P0). */
const isDataError = (error: unknown): boolean =>
  /^(22|23|54|P0)/.test(String((error as { driverError?: { code?: unknown } }).driverError?.code ?? ''));

async function applyFact(tx: EntityManager, fact: ReceivedFact): Promise<void> {
  if (fact.record === undefined || fact.author === null) return;
  const { kind, data } = fact.record;
  switch (kind) {
    case 'opened': {
      const opened = data as SessionOpened;
      const columns = { ...beginning(opened), state: 'live' };
      if (!(await upsert(tx, fact, opened.sessionId, columns, ['state'], { also: endOfUnopened }))) throw anotherRelays();
      return;
    }
    case 'checkpoint':
      return applyCheckpoint(tx, fact, data as SessionCheckpoint);
    case 'closed':
      return applyClosed(tx, fact, data as SessionClosed);
    case 'refused':
    case 'failed': {
      const ended = data as AttemptEnded;
      const columns = derive(() => attempt(ended));
      if (!(await upsert(tx, fact, ended.sessionId, columns))) throw anotherRelays();
      return;
    }
    case 'unanswered':
      return insertUnanswered(tx, data);
    default:
      return exhaustive(kind);
  }
}

function derive(columns: () => Columns): Columns {
  try {
    return columns();
  } catch (error) {
    throw new NotARecordError((error as Error).message);
  }
}

/** Inserts the record of an attempt that no relay answered. It never changes an existing row; a relay's session with the same id is a conflict. */
async function insertUnanswered(tx: EntityManager, data: AttemptUnanswered): Promise<void> {
  const columns: Columns = {
    id: data.id,
    state: 'final',
    source: 'agent',
    request_id: data.agent.requestId,
    attempt: data.agent.attempt,
    account_id: data.account.id,
    account_email: data.account.email,
    resource_id: data.resource.id,
    resource_name: data.resource.name,
    started_at: data.receivedAt,
    ended_at: data.receivedAt,
    duration_ms: 0,
    bytes_up: 0,
    bytes_down: 0,
    exactness: 'exact',
    outcome: derive(() => ({ outcome: outcomeOf(data.agent.reason, 'before') }))['outcome'],
    end_reason: data.agent.reason,
    message:
      data.agent.message +
      (data.dropped === undefined
        ? ''
        : ` (and ${data.dropped} more attempts of this account, to any server, that were not recorded)`),
    repeats: data.repeats,
  };
  const names = Object.keys(columns);
  await tx.query(
    `insert into session (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')}) on conflict (id) do nothing`,
    Object.values(columns),
  );
  const [record] = await tx.query<{ source: string }[]>('select source from session where id = $1', [data.id]);
  if (record?.source !== 'agent') throw anotherRelays();
}

/**
 * Applies the bytes transferred so far. A checkpoint that arrives before its `opened` creates the record, which is hidden until
 * its beginning is known. If its relay has too many such records, it creates none and this is reported; the `opened` will
 * create the record.
 */
async function applyCheckpoint(tx: EntityManager, { author, incarnation }: ReceivedFact, data: SessionCheckpoint): Promise<void> {
  const changed = await tx.query<unknown[]>(
    `insert into session (id, relay_id, incarnation, state, bytes_up, bytes_down, duration_ms, seen_age)
     select $1, $2::text, $3, 'live', $4, $5, $6, age_seconds from stream_position
      where exists (select 1 from session where id = $1)
         or (select count(*) from (
              select 1 from session where relay_id = $2 and state = 'live' and started_at is null limit $7) unopened) < $7
     on conflict (id) do update set revision = session.revision + 1, bytes_up = greatest(session.bytes_up, excluded.bytes_up),
       bytes_down = greatest(session.bytes_down, excluded.bytes_down), duration_ms = greatest(session.duration_ms, excluded.duration_ms),
       ended_at = case when session.state = 'live' then null
         else session.started_at + ${presumedDuration('greatest(session.duration_ms, excluded.duration_ms)')} end
      where session.relay_id = excluded.relay_id and session.state <> 'final' returning id`,
    [data.sessionId, author, incarnation, data.bytesUp, data.bytesDown, data.durationMs, MAX_UNOPENED],
  );
  if (changed.length > 0) return;
  const known = await tx.query<unknown[]>('select from session where id = $1', [data.sessionId]);
  if (known.length === 0) await noteIntegrity(tx, 'unopened', author, { sessions: 0, sessionId: data.sessionId });
}

/** Applies the end of a session. If its presumed end has already become final, the record stays and the fact is reported as late. */
async function applyClosed(tx: EntityManager, fact: ReceivedFact, data: SessionClosed): Promise<void> {
  const columns = derive(() => closing(data));
  const where = "and (session.state <> 'final' or session.presumed_at is null)";
  const ended = await upsert(tx, fact, data.sessionId, columns, [], { where });
  if (ended) return;
  const [record] = await tx.query<{ relay_id: string | null }[]>('select relay_id from session where id = $1', [data.sessionId]);
  if (record?.relay_id !== fact.author) throw anotherRelays();
  const { incarnation, place } = fact;
  const detail = { incarnation, number: place?.number, sessionId: data.sessionId };
  await noteIntegrity(tx, 'late', fact.author, detail);
}

/**
 * Inserts a record with the given columns, or updates the existing one. Columns named in `onlyNew` are set on insert only.
 * `also` is SQL for further assignments on update, and `where` a further condition for it.
 * @returns false if an existing record was not changed, because it is another relay's or `where` does not hold
 */
async function upsert(
  tx: EntityManager,
  { author, incarnation }: ReceivedFact,
  id: string,
  columns: Columns,
  onlyNew: string[] = [],
  { also = '', where = '' } = {},
): Promise<boolean> {
  const all: Columns = { ...columns, relay_id: author, incarnation };
  const names = Object.keys(all);
  const updates = Object.keys(columns)
    .filter((name) => !onlyNew.includes(name))
    .map((name) => `${name} = excluded.${name}`);
  const rows = await tx.query<unknown[]>(
    `insert into session (id, ${names.join(', ')}) values ($1, ${names.map((_, i) => `$${i + 2}`).join(', ')})
     on conflict (id) do update set revision = session.revision + 1, incarnation = coalesce(session.incarnation, excluded.incarnation),
       ${updates.join(', ')}${also}
      where session.relay_id = excluded.relay_id ${where} returning id`,
    [id, ...Object.values(all)],
  );
  return rows.length > 0;
}

/** Sets when a session ended whose end was presumed before its beginning was known. */
const endOfUnopened = `, ended_at = case when session.state = 'live' or session.ended_at is not null then session.ended_at
  else excluded.started_at + ${presumedDuration('session.duration_ms')} end`;

const anotherRelays = (): Error => new NotARecordError('the session belongs to another relay');
