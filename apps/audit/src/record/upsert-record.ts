import type { EntityManager } from 'typeorm';
import type { ReceivedFact } from '../fact/read-fact.js';
import type { Columns } from './record-columns.js';

/**
 * Inserts a record with the given columns, or updates the existing one. Columns named in `onlyNew` are set on insert only.
 * `also` is SQL for further assignments on update, `where` a further condition for it, and `incarnation` says which one the
 * record then has: by default the first that it had.
 * @returns false if an existing record was not changed, because it is another relay's or `where` does not hold
 */
export async function upsertRecord(
  tx: EntityManager,
  { author, incarnation }: ReceivedFact,
  id: string,
  columns: Columns,
  onlyNew: string[] = [],
  { also = '', where = '', incarnation: which = FIRST } = {},
): Promise<boolean> {
  const all: Columns = { ...columns, relay_id: author, incarnation };
  const names = Object.keys(all);
  const updates = Object.keys(columns)
    .filter((name) => !onlyNew.includes(name))
    .map((name) => `${name} = excluded.${name}`);
  const rows = await tx.query<unknown[]>(
    `insert into session (id, ${names.join(', ')}) values ($1, ${names.map((_, i) => `$${i + 2}`).join(', ')})
     on conflict (id) do update set revision = session.revision + 1, incarnation = ${which},
       ${updates.join(', ')}${also}
      where session.relay_id = excluded.relay_id ${where} returning id`,
    [id, ...Object.values(all)],
  );
  return rows.length > 0;
}

const FIRST = 'coalesce(session.incarnation, excluded.incarnation)';
