import { type Actor, type Hold, type InputOf, type listHolds, notFound, type OutputOf, type placeHold } from '@sluice/contracts';
import { decodeCursor, pageOf } from '@sluice/persistence';
import type { DataSource } from 'typeorm';
import { RETENTION_LOCK } from './retention-lock.js';

interface HoldRow {
  readonly id: string;
  readonly account: string | null;
  readonly resource: string | null;
  readonly since: Date | null;
  readonly until: Date | null;
  readonly reason: string;
  readonly created_at: Date;
  readonly created_by: string;
  readonly released_at: Date | null;
  readonly released_by: string | null;
}

/** Places a hold, under the lock under which evidence is dropped: from the response on nothing that it is of is dropped. */
export function place(database: DataSource, actor: Actor, input: InputOf<typeof placeHold>): Promise<Hold> {
  const { id, account = null, resource = null, since = null, until = null, reason } = input;
  return database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [RETENTION_LOCK]);
    await tx.query(
      `insert into hold (id, account, resource, since, until, reason, created_by) values ($1, $2, $3, $4, $5, $6, $7)`,
      [id, account, resource, since, until, reason, actor.email],
    );
    const [row] = await tx.query<HoldRow[]>('select * from hold where id = $1', [id]);
    return show(row as HoldRow);
  });
}

/** Releases a hold, which holds for another day. One that is released already stays as it is. @throws ProblemError 404 */
export async function lift(database: DataSource, actor: Actor, id: string): Promise<Hold> {
  await database.query('select release_hold($1, $2)', [id, actor.email]);
  return find(database, id);
}

/** One hold. @throws ProblemError 404 */
export async function find(database: DataSource, id: string): Promise<Hold> {
  const [row] = await database.query<HoldRow[]>('select * from hold where id = $1', [id]);
  if (!row) throw notFound('hold', id);
  return show(row);
}

/** One page of holds, newest first. */
export async function pageOfHolds(database: DataSource, input: InputOf<typeof listHolds>): Promise<OutputOf<typeof listHolds>> {
  const [at, id] = input.cursor === undefined ? [null, null] : decodeCursor(input.cursor, { key: 'time', id: 'uuid' });
  const rows = await database.query<(HoldRow & { at_key: string })[]>(
    `select *, created_at::text as at_key from hold where $1::timestamptz is null or (created_at, id) < ($1, $2::uuid)
      order by created_at desc, id desc limit $3`,
    [at, id, input.limit + 1],
  );
  return pageOf(rows, input.limit, (row) => [row.at_key, row.id], show);
}

const show = (row: HoldRow): Hold => ({
  id: row.id,
  account: row.account,
  resource: row.resource,
  since: row.since?.toISOString() ?? null,
  until: row.until?.toISOString() ?? null,
  reason: row.reason,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  releasedAt: row.released_at?.toISOString() ?? null,
  releasedBy: row.released_by,
});
