import { type Actor, AuditRecord, type InputOf, listSessions, notFound, type OutputOf } from '@sluice/contracts';
import { decodeCursor, pageOf } from '@sluice/persistence';
import type { DataSource } from 'typeorm';

interface SessionRow extends Record<string, unknown> {
  id: string;
  started_key: string;
}

/** Formats a time. One that JavaScript cannot express, in an old record, becomes null so that the rest of the page can be shown. */
const iso = (value: unknown): string | null =>
  value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : null;
const count = (value: unknown): number | null => (value === null ? null : Number(value));

function show(row: SessionRow): AuditRecord {
  return AuditRecord.parse({
    id: row.id,
    requestId: row['request_id'],
    attempt: row['attempt'],
    state: row['state'],
    account: { id: row['account_id'], email: row['account_email'] },
    resource: { id: row['resource_id'], name: row['resource_name'], tags: row['resource_tags'] },
    relay: row['relay_id'] === null ? null : { id: row['relay_id'], name: row['relay_name'] },
    gateway: row['gateway'],
    clientAddress: row['client_address'],
    dialledAddress: row['dialled_address'],
    startedAt: iso(row['started_at']),
    endedAt: iso(row['ended_at']),
    durationMs: row['duration_ms'],
    bytesUp: count(row['bytes_up']),
    bytesDown: count(row['bytes_down']),
    exactness: row['exactness'],
    agentBytesUp: count(row['agent_bytes_up']),
    agentBytesDown: count(row['agent_bytes_down']),
    countsDiffer: row['counts_differ'],
    outcome: row['outcome'],
    endReason: row['end_reason'],
    message: row['message'],
    endedBy: row['ended_by'],
    revocationMs: row['revocation_ms'],
    rule: row['rule'],
    sharedListener: row['shared_listener'] ?? false,
    source: row['source'],
    repeats: row['repeats'],
  });
}

/** The account whose sessions an actor may see: users see their own; null for administrators and auditors, who see all. */
const ownOnly = (actor: Actor): string | null => (actor.apiRole === 'user' ? actor.accountId : null);

/**
 * One page of records, newest first. A record is hidden until its beginning is known. Accounts, resources and live sessions have an
 * index; other filters are applied while the sessions are read from the newest on, as far back as `since` says.
 */
export async function searchSessions(
  database: DataSource,
  actor: Actor,
  input: InputOf<typeof listSessions>,
): Promise<OutputOf<typeof listSessions>> {
  const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor);
  const where = ['started_at is not null'];
  const values: unknown[] = [];
  const given = (value: unknown, condition: (place: string) => string) => {
    if (value === undefined || value === null) return;
    values.push(value);
    where.push(condition(`$${values.length}`));
  };
  given(ownOnly(actor), (p) => `account_id = ${p}`);
  given(input.account, (p) => `(account_id = ${p} or lower(account_email) = lower(${p}))`);
  given(input.resource, (p) => `(resource_id = ${p} or lower(resource_name) = lower(${p}))`);
  given(input.node, (p) => `(relay_id = ${p} or lower(relay_name) = lower(${p}))`);
  given(input.gateway, (p) => `gateway = ${p}`);
  given(
    input.clientAddress,
    (p) =>
      `(client_address = ${p} or starts_with(client_address, ${p} || ':') or starts_with(client_address, '[' || ${p} || ']:'))`,
  );
  given(input.outcome, (p) => `outcome = ${p}`);
  given(input.endReason, (p) => `end_reason = ${p}`);
  given(input.rule, (p) => `lower(rule) = lower(${p})`);
  given(input.since, (p) => `started_at >= ${p}::timestamptz`);
  given(input.until, (p) => `started_at < ${p}::timestamptz`);
  if (input.live !== undefined) where.push(input.live ? "state = 'live'" : "state <> 'live'");
  if (after) {
    values.push(after[0], after[1]);
    where.push(`(started_at, id) < ($${values.length - 1}::timestamptz, $${values.length}::uuid)`);
  }
  const rows = await database.query<SessionRow[]>(
    `select *, started_at::text as started_key from session where ${where.join(' and ')} order by started_at desc, id desc limit ${input.limit + 1}`,
    values,
  );
  return pageOf(rows, input.limit, (row) => [row.started_key, row.id], show);
}

/** One record. @throws ProblemError 404, also for a record that the actor may not see */
export async function findSession(database: DataSource, actor: Actor, id: string): Promise<AuditRecord> {
  const [row] = await database.query<SessionRow[]>(
    'select * from session where id = $1 and started_at is not null and ($2::text is null or account_id = $2)',
    [id, ownOnly(actor)],
  );
  if (!row) throw notFound('session', id);
  return show(row);
}
