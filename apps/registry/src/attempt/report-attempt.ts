import { type Actor, type InputOf, notFound, type OutputOf, ProblemError, reportAttempt, SessionIds } from '@sluice/contracts';
import { cleanText } from '@sluice/domain';
import type { DataSource, EntityManager } from 'typeorm';

/** How many similar attempts (same account, server and reason) per minute have a row of their own; the others share one with a count. */
const SIMILAR_PER_MINUTE = 10;
/** How many rows one account may have per minute. One more row counts the attempts beyond. */
const PER_MINUTE = 60;
/** How long a shared row waits for further attempts before it is published, in seconds. */
const FOLD_FOR_SECONDS = 60;

/** Attempts get ids of the registry, because it is the author of their facts. */
const ids = new SessionIds('registry');

type Report = InputOf<typeof reportAttempt>;
type Noted = OutputOf<typeof reportAttempt>;

/**
 * Notes an attempt that no relay answered, as reported by the account's agent. The registry assigns its id and time, and the
 * account must be allowed to reach the server now. An attempt that is reported twice counts once, even if it shares a row.
 *
 *   few                ──► a row of its own, published at once
 *   many similar       ──► counted in a shared row (`repeats`), published after a minute
 *   beyond the budget  ──► counted in the account's last row (`dropped`)
 *
 * @throws ProblemError 404 for a server that the account may not know of; 429 for an attempt that was counted as dropped
 */
export async function noteAttempt(database: DataSource, actor: Actor, input: Report): Promise<Noted> {
  const noted = await database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`attempts of ${actor.accountId}`]);
    const resourceName = await nameOfReachable(tx, actor, input.resourceId);
    const [known] = await tx.query<{ id: string }[]>(
      `select id from attempt where account_id = $1 and request_id = $2 and attempt = $3
       union all select counted_in from attempt_repeat where account_id = $1 and request_id = $2 and attempt = $3 limit 1`,
      [actor.accountId, input.requestId, input.attempt],
    );
    if (known) return known.id;
    const [counts] = await tx.query<{ all: number; alike: number; open: string | null; last: string | null }[]>(
      `select count(*)::int as all, count(*) filter (where resource_id = $2 and reason = $3)::int as alike,
              min(id::text) filter (where resource_id = $2 and reason = $3 and due_at > now() and published_at is null) as open,
              min(id::text) filter (where due_at > now() and published_at is null) as last
         from attempt where account_id = $1 and received_at > now() - interval '1 minute'`,
      [actor.accountId, input.resourceId, input.reason],
    );
    if (!counts) throw new Error('a count gave no row');
    if (counts.open !== null) {
      await tx.query('insert into attempt_repeat (account_id, request_id, attempt, counted_in) values ($1, $2, $3, $4)', [
        actor.accountId,
        input.requestId,
        input.attempt,
        counts.open,
      ]);
      await tx.query('update attempt set repeats = repeats + 1 where id = $1', [counts.open]);
      return counts.open;
    }
    const beyond = counts.all >= PER_MINUTE;
    if (beyond && counts.last !== null) {
      await tx.query('update attempt set dropped = dropped + 1 where id = $1', [counts.last]);
      return undefined;
    }
    return insert(tx, actor, input, resourceName, beyond || counts.alike >= SIMILAR_PER_MINUTE ? FOLD_FOR_SECONDS : 0);
  });
  if (noted !== undefined) return { id: noted };
  const message = `at most ${PER_MINUTE} attempts per minute and account are recorded; this one was only counted`;
  throw new ProblemError(429, 'too_many_attempts', message);
}

/** @throws ProblemError 404 for a server that the account may not know of */
async function nameOfReachable(tx: EntityManager, actor: Actor, resourceId: string): Promise<string> {
  const [resource] = await tx.query<{ name: string }[]>(
    `select r.name from resource r join role_resource rr on rr.resource_id = r.id join role_account ra on ra.role_id = rr.role_id
      where ra.account_id = $1 and r.id = $2 limit 1`,
    [actor.accountId, resourceId],
  );
  if (!resource) throw notFound('server', resourceId);
  return resource.name;
}

async function insert(tx: EntityManager, actor: Actor, input: Report, resourceName: string, foldFor: number): Promise<string> {
  const id = ids.next();
  await tx.query(
    `insert into attempt (id, account_id, account_email, request_id, attempt, resource_id, resource_name, reason, message, agent_started_at, due_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(secs => $11))`,
    [
      id,
      actor.accountId,
      actor.email,
      input.requestId,
      input.attempt,
      input.resourceId,
      resourceName,
      input.reason,
      cleanText(input.message, 300),
      input.startedAt,
      foldFor,
    ],
  );
  return id;
}
