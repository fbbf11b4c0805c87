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
  before: unknown;
  after: unknown;
}

/** Bytes of what changed beyond which it is left out: a message of the bus has its limit, and one that is too long would hold up all others. */
const LARGEST = 400_000;

/** An activity as the API and the facts show it. */
export function activityOf(row: ActivityRow): Activity {
  const whole = show(row);
  if (Buffer.byteLength(JSON.stringify([whole.before, whole.after])) <= LARGEST) return whole;
  return { ...whole, before: null, after: null, shortened: true };
}

const show = (row: ActivityRow): Activity => ({
  id: row.id,
  at: row.at.toISOString(),
  actor: { id: row.actor_id, email: row.actor_email },
  requestId: row.request_id,
  verb: row.verb,
  object: { kind: row.object_kind, id: row.object_id, name: row.object_name },
  before: row.before,
  after: row.after,
});
