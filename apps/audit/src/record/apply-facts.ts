import type { AttemptEnded, AttemptUnanswered, SessionCheckpoint, SessionClosed, SessionOpened } from '@sluice/contracts';
import { exhaustive, outcomeOf } from '@sluice/domain';
import type { EntityManager } from 'typeorm';
import { type ReceivedFact, sessionOf } from '../fact/read-fact.js';
import { noteIntegrity } from '../integrity/note-integrity.js';
import { applyBeginning } from './apply-beginning.js';
import { withSavepoint } from './with-savepoint.js';
import { insertNewSessions } from './insert-new-sessions.js';
import { anotherRelays, NotARecordError, type Rejected } from './not-a-record.js';
import { presumedDuration } from './presumed-duration.js';
import { attempt, beginning, closing, type Columns } from './record-columns.js';
import { updateSessions } from './update-sessions.js';
import { upsertRecord } from './upsert-record.js';

/** How many records of one relay may wait for their `opened`. */
const MAX_UNOPENED = 1000;

/**
 * Applies new facts to records. Their order does not matter, because each kind of fact sets only its own columns and counts
 * only grow: `closed` and `checkpoint` may arrive before `opened`, and a `checkpoint` after `closed` changes nothing. Of several
 * facts that begin a session one counts (see `applyBeginning`). All facts are applied under one savepoint, new sessions with one
 * statement, and with one the ends of those that began before; if one of them is impossible, each is applied under a savepoint of its own.
 * @returns the facts that cannot become part of a record, and therefore changed nothing
 */
export async function applyFacts(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<Rejected[]> {
  const idOf = ({ record }: ReceivedFact) => (record === undefined ? '' : sessionOf(record).toLowerCase());
  // sorted, as everybody writes records in the order of their ids; those of one session keep their order
  const all = facts
    .filter((fact) => fact.record !== undefined)
    .sort((a, b) => (idOf(a) < idOf(b) ? -1 : Number(idOf(a) > idOf(b))));
  if (all.length === 0) return [];
  let rejected: Rejected[] = [];
  const together = await withSavepoint(tx, async () => {
    for (const fact of await updateSessions(tx, await insertNewSessions(tx, all))) rejected.push(...(await tryApply(tx, fact)));
  });
  if (together === undefined) return rejected;
  rejected = [];
  for (const fact of all) {
    let of: Rejected[] = [];
    const error = await withSavepoint(tx, async () => void (of = await tryApply(tx, fact)));
    rejected.push(...(error === undefined ? of : [{ fact, kind: 'quarantined' as const, reason: error.message }]));
  }
  return rejected;
}

/** Applies a fact. @returns what is not credible about it, or about a fact that it has replaced */
async function tryApply(tx: EntityManager, fact: ReceivedFact): Promise<Rejected[]> {
  try {
    return (await applyFact(tx, fact)) ?? [];
  } catch (error) {
    if (!(error instanceof NotARecordError)) throw error; // these are thrown only where nothing was changed
    return [{ fact, kind: error.kind, reason: error.message }];
  }
}

async function applyFact(tx: EntityManager, fact: ReceivedFact): Promise<Rejected[] | void> {
  if (fact.record === undefined || fact.author === null) return;
  const { kind, data } = fact.record;
  switch (kind) {
    case 'opened': {
      const opened = data as SessionOpened;
      const columns = { ...beginning(opened), state: 'live' };
      return applyBeginning(tx, fact, opened.sessionId, columns, { onlyNew: ['state'], also: endOfPresumed });
    }
    case 'checkpoint':
      return applyCheckpoint(tx, fact, data as SessionCheckpoint);
    case 'closed':
      return applyClosed(tx, fact, data as SessionClosed);
    case 'refused':
    case 'failed': {
      const ended = data as AttemptEnded;
      return applyBeginning(
        tx,
        fact,
        ended.sessionId,
        derive(() => attempt(ended)),
      );
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
  const [known] = await tx.query<{ relay_id: string | null }[]>('select relay_id from session where id = $1', [data.sessionId]);
  if (known && known.relay_id !== author) throw anotherRelays();
  if (!known) await noteIntegrity(tx, 'unopened', author, { sessions: 0, sessionId: data.sessionId });
}

/** Applies the end of a session. If its presumed end has already become final, the record stays and the fact is reported as late. */
async function applyClosed(tx: EntityManager, fact: ReceivedFact, data: SessionClosed): Promise<void> {
  const columns = derive(() => closing(data));
  const where = "and (session.state <> 'final' or session.presumed_at is null)";
  const ended = await upsertRecord(tx, fact, data.sessionId, columns, [], { where });
  if (ended) return;
  const [record] = await tx.query<{ relay_id: string | null }[]>('select relay_id from session where id = $1', [data.sessionId]);
  if (record?.relay_id !== fact.author) throw anotherRelays();
  const { incarnation, place } = fact;
  const detail = { incarnation, number: place?.number, sessionId: data.sessionId };
  await noteIntegrity(tx, 'late', fact.author, detail);
}

/** Sets when a session ended whose end was presumed before this beginning of it was known. */
const endOfPresumed = `, ended_at = case when session.state = 'live' then session.ended_at
  when session.state = 'presumed ended' or session.ended_at is null then excluded.started_at + ${presumedDuration('session.duration_ms')}
  else session.ended_at end`;
