import type { PendingFact } from '@sluice/messaging';
import type { DataSource } from 'typeorm';

/** Keeps a fact's bytes before they are published. `key` is the id of the activity or attempt that it is of. */
export async function keepFact(database: DataSource, { key, subject, bytes }: PendingFact): Promise<void> {
  await database.query('insert into pending_fact (key, subject, bytes) values ($1, $2, $3) on conflict do nothing', [
    key,
    subject,
    bytes,
  ]);
}

/** Marks an activity or attempt whose fact JetStream has. */
export async function markPublished(database: DataSource, table: 'activity' | 'attempt', key: string): Promise<void> {
  await database.query(
    `with published as (delete from pending_fact where key = $1)
     update ${table} set published_at = now() where id = $2 and published_at is null`,
    [key, key],
  );
}

/**
 * Publishes what an earlier registry may have published already, with the same bytes, and marks it: in the stream, or for
 * whoever reads it by id, it is there once. @throws Error when JetStream does not take one
 */
export async function publishPending(
  database: DataSource,
  send: (subject: string, bytes: Uint8Array) => Promise<unknown>,
): Promise<void> {
  const rows = await database.query<PendingFact[]>('select key, subject, bytes from pending_fact order by kept_at');
  for (const { key, subject, bytes } of rows) {
    await send(subject, bytes);
    for (const table of ['activity', 'attempt'] as const) await markPublished(database, table, key);
  }
}
