import type { Activity } from '@sluice/contracts';

/** A row of the activity table. */
export interface ActivityRow {
  id: string;
  at: Date;
  actor_id: string;
  actor_email: string;
  request_id: string;
  verb: string;
  object_kind: string;
  object_id: string;
  object_name: string | null;
  member_kind: string | null;
  member_id: string | null;
  member_name: string | null;
  before: unknown;
  after: unknown;
}

/**
 * If `before` and `after` together are longer than this many bytes, they are omitted. NATS would reject the message of such an
 * activity, and one that can never be published would hold up all others.
 */
const MAX_BYTES = 400_000;

/** An activity as it appears in the API and in facts. */
export function activityOf(row: ActivityRow): Activity {
  const whole = show(row);
  if (Buffer.byteLength(JSON.stringify([whole.before, whole.after])) <= MAX_BYTES) return whole;
  return { ...whole, before: null, after: null, shortened: true };
}

const show = (row: ActivityRow): Activity => ({
  id: row.id,
  at: row.at.toISOString(),
  actor: { id: row.actor_id, email: row.actor_email },
  requestId: row.request_id,
  verb: row.verb,
  object: { kind: row.object_kind, id: row.object_id, name: row.object_name },
  ...(row.member_kind === null || row.member_id === null
    ? {}
    : { member: { kind: row.member_kind, id: row.member_id, name: row.member_name } }),
  before: row.before,
  after: row.after,
});
