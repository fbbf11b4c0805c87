import type { DataSource } from 'typeorm';

/**
 * Removes rows that nothing can ask for any more.
 *
 *   login         two days after its end: its revocation was published for two hours, longer than any certificate of it lives
 *   idempotency   a day after the answer that it keeps
 *   restore       two days after its end, when no certificate from before it can be valid
 *   enrolment     two days after its token could be used; the first stays, because where there is none a start makes one
 *   node          thirty days after it was deleted; its identity is revoked as long as its certificate lives, a day
 */
export async function sweep(database: DataSource): Promise<void> {
  await database.query(
    "delete from login where least(ended_at, expires_at) < now() - interval '2 days' and not exists (select 1 from outbox where object_id = login.id::text)",
  );
  await database.query("delete from idempotency where created_at < now() - interval '1 day'");
  await database.query("delete from restore where until_at < now() - interval '2 days'");
  await database.query(
    `delete from enrolment_token where expires_at < now() - interval '2 days'
        and id <> (select id from enrolment_token order by created_at limit 1)`,
  );
  await database.query("delete from node where deleted_at < now() - interval '30 days'");
}
