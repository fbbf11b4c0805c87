import { activitySubject } from '@sluice/contracts';
import type { FactChain } from '@sluice/messaging';
import type { DataSource } from 'typeorm';
import { type ActivityRow, activityOf } from './activity-row.js';
import { markPublished } from './pending-facts.js';

const BATCH = 200;

/** Publishes activities, oldest first, and marks each when JetStream has stored it. @throws Error when JetStream does not store one */
export async function publishActivities(database: DataSource, chain: FactChain): Promise<void> {
  for (;;) {
    const rows = await database.query<ActivityRow[]>('select * from activity where published_at is null order by at limit $1', [
      BATCH,
    ]);
    for (const row of rows) {
      await chain.publish(row.id, {
        subject: activitySubject(row.object_kind, row.verb),
        about: row.object_id,
        at: row.at,
        data: activityOf(row),
      });
      await markPublished(database, 'activity', row.id);
    }
    if (rows.length < BATCH) return;
  }
}
