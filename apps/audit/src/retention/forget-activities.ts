import type { DataSource } from 'typeorm';

const AT_ONCE = 1000;

/** Forgets activities that the registry has dropped. @returns others whose facts were dropped */
export async function forgetActivities(database: DataSource, done: readonly string[]): Promise<string[]> {
  if (done.length > 0) await database.query('delete from dropped_activity where id = any($1::uuid[])', [done]);
  const rows = await database.query<{ id: string }[]>('select id from dropped_activity limit $1', [AT_ONCE]);
  return rows.map(({ id }) => id);
}
