import type { DataSource } from 'typeorm';

/**
 * Removes rows that nothing can ask for any more.
 *
 *   login         two days after its end: its revocation was published for two hours, longer than any certificate of it lives
 *   idempotency   a day after the answer that it keeps
 *   restore       two days after its end, when no certificate from before it can be valid
 */
export async function sweep(database: DataSource): Promise<void> {
  await database.query(
    "delete from login where least(ended_at, expires_at) < now() - interval '2 days' and not exists (select 1 from outbox where object_id = login.id::text)",
  );
  await database.query("delete from idempotency where created_at < now() - interval '1 day'");
  await database.query("delete from restore where until_at < now() - interval '2 days'");
}
