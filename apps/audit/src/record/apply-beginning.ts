import type { EntityManager } from 'typeorm';
import { readFact, type ReceivedFact } from '../fact/read-fact.js';
import { anotherRelays, NotARecordError, type Rejected } from './not-a-record.js';
import type { Columns } from './record-columns.js';
import { upsertRecord } from './upsert-record.js';

/** The fact that a record's beginning is from. */
interface Begun {
  readonly relay_id: string | null;
  readonly state: string;
  readonly incarnation: string | null;
  /** Null if an older release recorded it. */
  readonly begun_number: string | null;
}

const OTHER_BEGINNING =
  'the session began with another fact of the same relay, which has a lower number or is part of a final record';

/**
 * Applies a fact that says how a session or attempt began. A session begins once, so of several such facts of its relay one
 * counts in whatever order they arrive, the one with the lowest number; the others are conflicts. A record that is final stays
 * as it is.
 * @returns the fact that this one has replaced, if it was applied first
 * @throws NotARecordError if this fact does not count
 */
export async function applyBeginning(
  tx: EntityManager,
  fact: ReceivedFact,
  id: string,
  values: Columns,
  { onlyNew = [], also = '' }: { onlyNew?: string[]; also?: string } = {},
): Promise<Rejected[]> {
  const columns = { ...values, begun_number: fact.place?.number ?? null };
  const incarnation = `case when session.state = 'final' then coalesce(session.incarnation, excluded.incarnation) else excluded.incarnation end`;
  const where = 'and session.started_at is null';
  if (await upsertRecord(tx, fact, id, columns, onlyNew, { also, where, incarnation })) return [];
  const [begun] = await tx.query<Begun[]>(
    'select relay_id, state, incarnation, begun_number from session where id = $1 for update',
    [id],
  );
  if (begun?.relay_id !== fact.author) throw anotherRelays();
  const order = compareBeginnings(fact, begun);
  if (order === 0) return []; // applied before
  if (begun.state === 'final' || order > 0) throw new NotARecordError(OTHER_BEGINNING, 'conflict');
  await upsertRecord(tx, fact, id, columns, onlyNew, { also, incarnation });
  return replaced(tx, fact.author, begun);
}

/** Negative if the fact has the lower number; of two journals, the one whose name sorts first counts. */
function compareBeginnings({ place, incarnation = '' }: ReceivedFact, begun: Begun): number {
  if (begun.begun_number === null) return 1;
  const other = begun.incarnation ?? '';
  return (place?.number ?? 0) - Number(begun.begun_number) || (incarnation < other ? -1 : Number(incarnation > other));
}

async function replaced(tx: EntityManager, author: string | null, { incarnation, begun_number }: Begun): Promise<Rejected[]> {
  const rows = await tx.query<{ subject: string; bytes: Buffer | null }[]>(
    'select subject, bytes from fact where author = $1 and incarnation = $2 and number = $3',
    [author, incarnation, begun_number],
  );
  return rows.flatMap(({ subject, bytes }) =>
    bytes === null ? [] : [{ fact: readFact(subject, bytes), kind: 'conflict' as const, reason: OTHER_BEGINNING }],
  );
}
