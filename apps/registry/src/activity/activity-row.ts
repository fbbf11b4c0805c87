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

/** An activity as the API and the facts show it. */
export const showActivity = (row: ActivityRow): Activity => ({
  id: row.id,
  at: row.at.toISOString(),
  actor: { id: row.actor_id, email: row.actor_email },
  requestId: row.request_id,
  verb: row.verb,
  object: { kind: row.object_kind, id: row.object_id, name: row.object_name },
  before: row.before,
  after: row.after,
});
