import { createHash } from 'node:crypto';
import {
  type Actor,
  type AuditRecord,
  Envelope,
  type InputOf,
  type listSessionFacts,
  type OutputOf,
  type SessionFact,
} from '@sluice/contracts';
import { parseJson } from '@sluice/domain';
import { decodeCursor, pageOf } from '@sluice/persistence';
import type { DataSource } from 'typeorm';
import { readFact } from '../fact/read-fact.js';
import { findSession } from './sessions.js';

interface FactRow {
  readonly id: string;
  readonly author: string;
  readonly subject: string;
  readonly bytes: Buffer;
  readonly received_at: Date;
  /** Null for a checkpoint. */
  readonly signed: boolean | null;
  readonly received_key: string;
  /** What distinguishes facts of one batch: ids may have characters that a cursor does not take. */
  readonly id_key: string;
}

/**
 * One page of the facts about a session from the author of its record. Within a page they are in the order of their times.
 * @throws ProblemError 400 for a malformed cursor, 404 for a session that there is not
 */
export async function pageOfFacts(
  database: DataSource,
  actor: Actor,
  input: InputOf<typeof listSessionFacts>,
): Promise<OutputOf<typeof listSessionFacts>> {
  const [receivedAt, idKey] = input.cursor === undefined ? [null, null] : decodeCursor(input.cursor, { key: 'time' });
  const record = await findSession(database, actor, input.id);
  const author = record.relay?.id ?? 'registry';
  const rows = await database.query<FactRow[]>(
    `select id, author, subject, bytes, received_at, received_at::text as received_key, md5(id) as id_key,
            number <= coalesce((select signed_through from chain c where c.author = fact.author and c.incarnation = fact.incarnation), 0) as signed
       from fact
      where session_id = $1 and author = $2 and bytes is not null
        and ($3::timestamptz is null or (received_at, md5(id)) > ($3, $4::text))
      order by received_at, md5(id) limit $5`,
    [input.id, author, receivedAt, idKey, input.limit + 1],
  );
  const page = pageOf(rows, input.limit, (row) => [row.received_key, row.id_key], showFact);
  return {
    ...page,
    complete: await isComplete(database, author, record),
    items: page.items.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.number ?? 0) - (b.number ?? 0)),
  };
}

/**
 * Whether the beginning of a record, and its end if it has one, are among the facts that name the session. They are not if they
 * were stored by a release that did not note whose facts they are.
 */
async function isComplete(database: DataSource, author: string, { id, state, endReason }: AuditRecord): Promise<boolean> {
  const [known] = await database.query<{ begins: boolean | null; ends: boolean | null }[]>(
    `select bool_or(kind <> 'closed') as begins, bool_or(kind <> 'opened') as ends
       from (select split_part(subject, '.', 4) as kind from fact where session_id = $1 and author = $2 and bytes is not null) named
      where kind <> 'checkpoint'`,
    [id, author],
  );
  const isEnded = state === 'final' && endReason !== 'relay lost'; // otherwise no fact contains the end
  return known?.begins === true && (!isEnded || known.ends === true);
}

function showFact({ id, author, subject, bytes, received_at, signed }: FactRow): SessionFact {
  const { incarnation, number, previous, time } = Envelope.parse(parseJson(bytes.toString()));
  const { record } = readFact(subject, bytes);
  return {
    id,
    kind: record?.kind ?? subject.split('.')[3] ?? '',
    author,
    incarnation: incarnation ?? null,
    number: number ?? null,
    previous: previous ?? null,
    hash: createHash('sha256').update(bytes).digest('hex'),
    signed,
    at: time,
    receivedAt: received_at.toISOString(),
    data: record?.data ?? null,
  };
}
