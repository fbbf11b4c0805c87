import type { PendingFact } from '@sluice/messaging';
import type { DataSource } from 'typeorm';

/** Stores a fact's bytes before they are published. `key` is the id of its activity or attempt. */
export async function keepFact(database: DataSource, { key, subject, bytes }: PendingFact): Promise<void> {
  await database.query('insert into pending_fact (key, subject, bytes) values ($1, $2, $3) on conflict do nothing', [
    key,
    subject,
    bytes,
  ]);
}

/** Marks an activity or attempt as published, after JetStream has stored its fact. */
export async function markPublished(database: DataSource, table: 'activity' | 'attempt', key: string): Promise<void> {
  await database.query(
    `with published as (delete from pending_fact where key = $1)
     update ${table} set published_at = now() where id = $2 and published_at is null`,
    [key, key],
  );
}

/**
 * Publishes facts that an earlier registry stored but did not mark, and marks them. They may have been published already, but
 * as their bytes and ids are the same, JetStream or the reader drops the duplicate.
 * @throws Error when JetStream does not store one
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
