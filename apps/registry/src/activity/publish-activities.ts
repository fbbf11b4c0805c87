import { activitySubject } from '@sluice/contracts';
import type { DataSource } from 'typeorm';
import { type ActivityRow, showActivity } from './activity-row.js';
import type { FactChain } from './fact-chain.js';

const BATCH = 200;
/** Bytes of an activity's differences beyond which the fact leaves them out: a message of the bus has its limit, and one that is too long would hold up all others. */
const LARGEST = 500_000;

/** Publishes what administrators did, oldest first, each once: marked when JetStream has it. @throws Error when it does not take one */
export async function publishActivities(database: DataSource, chain: FactChain): Promise<void> {
  for (;;) {
    const rows = await database.query<ActivityRow[]>('select * from activity where published_at is null order by at limit $1', [
      BATCH,
    ]);
    for (const row of rows) {
      const whole = showActivity(row);
      const data =
        Buffer.byteLength(JSON.stringify([whole.before, whole.after])) > LARGEST
          ? { ...whole, before: null, after: null, shortened: true }
          : whole;
      await chain.publish(row.id, {
        subject: activitySubject(row.object_kind, row.verb),
        about: row.object_id,
        at: row.at,
        data,
      });
      await database.query('update activity set published_at = now() where id = $1', [row.id]);
    }
    if (rows.length < BATCH) return;
  }
}
