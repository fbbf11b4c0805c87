import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { RefusalKind } from './note-refusal.js';

interface RefusalRow {
  minute: Date;
  kind: RefusalKind;
  account_id: string | null;
  account_email: string;
  address: string;
  operation: string;
  count: number;
}

/**
 * Turns the refusals of past minutes into activities, one for all similar refusals of a minute.
 * @param before fold minutes before this one; by default the present minute
 * @returns the ids of the activities
 */
export async function foldRefusals(database: DataSource, before?: Date): Promise<string[]> {
  return database.transaction(async (tx) => {
    const [rows] = await tx.query<[RefusalRow[], number]>(
      "delete from refusal where minute < coalesce($1, date_trunc('minute', now())) returning *",
      [before ?? null],
    );
    const ids: string[] = [];
    for (const row of rows) {
      const id = randomUUID();
      ids.push(id);
      const { verb, objectKind, objectId, objectName } = describe(row);
      await tx.query(
        `insert into activity (id, actor_id, actor_email, request_id, verb, object_kind, object_id, object_name, before, after)
         values ($1, $2, $3, 'folded', $4, $5, $6, $7, null, $8)`,
        [
          id,
          row.kind === 'call denied' ? (row.account_id ?? 'unknown') : 'nobody',
          row.kind === 'call denied' ? row.account_email : '',
          verb,
          objectKind,
          objectId,
          objectName,
          JSON.stringify({ minute: row.minute.toISOString(), address: row.address, count: row.count }),
        ],
      );
    }
    return ids;
  });
}

/** How a refusal appears as an activity: on the login to the account that somebody tried, or on the operation that somebody called. */
function describe(row: RefusalRow): { verb: string; objectKind: string; objectId: string; objectName: string | null } {
  const login = { objectKind: 'login', objectId: row.account_id ?? 'unknown', objectName: row.account_email || null };
  switch (row.kind) {
    case 'login failed':
      return { verb: 'failed', ...login };
    case 'login limited':
      return { verb: 'limited', ...login };
    case 'call denied':
      return { verb: 'denied', objectKind: 'call', objectId: row.operation || 'others', objectName: null };
  }
}
