import { type Actor, AuditRecord, notFound } from '@sluice/contracts';
import type { DataSource } from 'typeorm';

/** A row of the session table, with the proxy cluster of its relay (`WITH_CLUSTER`). */
export interface SessionRow extends Record<string, unknown> {
  id: string;
}

/** The column of a session's row that names the proxy cluster of its relay. */
export const WITH_CLUSTER = '(select c.cluster from relay_cluster c where c.relay_id = session.relay_id) as cluster';

/** Formats a time. One that JavaScript cannot express, in an old record, becomes null so that the rest of the page can be shown. */
const iso = (value: unknown): string | null =>
  value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : null;
const count = (value: unknown): number | null => (value === null ? null : Number(value));

/** A record as it appears in the API. */
export function showRecord(row: SessionRow): AuditRecord {
  return AuditRecord.parse({
    id: row.id,
    requestId: row['request_id'],
    attempt: row['attempt'],
    state: row['state'],
    account: { id: row['account_id'], email: row['account_email'] },
    resource: { id: row['resource_id'], name: row['resource_name'], tags: row['resource_tags'] },
    relay: row['relay_id'] === null ? null : { id: row['relay_id'], name: row['relay_name'] },
    proxyCluster: row['cluster'],
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
export const ownOnly = (actor: Actor): string | null => (actor.apiRole === 'user' ? actor.accountId : null);

/** One record. @throws ProblemError 404, also for a record that the actor may not see */
export async function findSession(database: DataSource, actor: Actor, id: string): Promise<AuditRecord> {
  const [row] = await database.query<SessionRow[]>(
    `select *, ${WITH_CLUSTER} from session where id = $1 and started_at is not null and ($2::text is null or account_id = $2)`,
    [id, ownOnly(actor)],
  );
  if (!row) throw notFound('session', id);
  return showRecord(row);
}
