import type { DataSource } from 'typeorm';

/**
 * Removes rows that are not needed any more.
 *
 *   login         two days after its end; its revocation is published for two hours, longer than any of its certificates is valid
 *   idempotency   a day after the stored response
 *   restore       two days after its end, when all certificates from before have expired
 *   enrolment     two days after its token expired; the first row stays, because without any row the next start creates a token
 *   node          thirty days after it was deleted; its certificate is valid for a day at most
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
