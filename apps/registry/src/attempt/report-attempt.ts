import { type Actor, type InputOf, notFound, type OutputOf, ProblemError, reportAttempt } from '@sluice/contracts';
import { cleanText } from '@sluice/domain';
import type { DataSource } from 'typeorm';

/** Alike attempts (same account, server and reason) that are kept one by one in a minute; the rest is one with a count. */
const ALIKE_A_MINUTE = 10;
/** Attempts of one account that are kept in a minute, folded ones counted once. */
const OF_ONE_A_MINUTE = 60;

/**
 * Notes an attempt that no relay answered, as the account's agent reports it. Its id and time are ours, the server is one
 * that the account may reach now, and the same attempt reported twice is one.
 * @throws ProblemError 404 for a server that the account may not know of; 429 beyond the budget of a minute
 */
export function noteAttempt(
  database: DataSource,
  actor: Actor,
  input: InputOf<typeof reportAttempt>,
): Promise<OutputOf<typeof reportAttempt>> {
  return database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`attempts of ${actor.accountId}`]);
    const [resource] = await tx.query<{ name: string }[]>(
      `select r.name from resource r join role_resource rr on rr.resource_id = r.id join role_account ra on ra.role_id = rr.role_id
        where ra.account_id = $1 and r.id = $2 limit 1`,
      [actor.accountId, input.resourceId],
    );
    if (!resource) throw notFound('server', input.resourceId);
    const [known] = await tx.query<{ id: string }[]>(
      'select id from attempt where account_id = $1 and request_id = $2 and attempt = $3',
      [actor.accountId, input.requestId, input.attempt],
    );
    if (known) return { id: known.id };
    const [counts] = await tx.query<{ all: string; alike: string; open: string | null }[]>(
      `select count(*) as all, count(*) filter (where resource_id = $2 and reason = $3) as alike,
              min(id::text) filter (where resource_id = $2 and reason = $3 and due_at > now()) as open
         from attempt where account_id = $1 and received_at > now() - interval '1 minute'`,
      [actor.accountId, input.resourceId, input.reason],
    );
    if (counts?.open) {
      await tx.query('update attempt set repeats = repeats + 1 where id = $1', [counts.open]);
      return { id: counts.open };
    }
    if (Number(counts?.all) >= OF_ONE_A_MINUTE)
      throw new ProblemError(
        429,
        'too_many_attempts',
        `at most ${OF_ONE_A_MINUTE} attempts a minute can be reported by one account`,
      );
    const [row] = await tx.query<{ id: string }[]>(
      `insert into attempt (account_id, account_email, request_id, attempt, resource_id, resource_name, reason, message, agent_started_at, due_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10)) returning id`,
      [
        actor.accountId,
        actor.email,
        input.requestId,
        input.attempt,
        input.resourceId,
        resource.name,
        input.reason,
        cleanText(input.message, 300),
        input.startedAt,
        Number(counts?.alike) >= ALIKE_A_MINUTE ? 60 : 0,
      ],
    );
    return { id: row?.id as string };
  });
}
