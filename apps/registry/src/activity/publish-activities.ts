import { activitySubject, type Envelope, factType } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import type { DataSource } from 'typeorm';
import { type ActivityRow, showActivity } from './activity-row.js';

const BATCH = 200;

/** Publishes what administrators did, oldest first, each once: marked when JetStream has it. A repeat carries the same id. */
export async function publishActivities(database: DataSource, bus: Bus): Promise<void> {
  for (;;) {
    const rows = await database.query<ActivityRow[]>('select * from activity where published_at is null order by at limit $1', [
      BATCH,
    ]);
    for (const row of rows) {
      const subject = activitySubject(row.object_kind, row.verb);
      const fact: Envelope = {
        specversion: '1.0',
        id: row.id,
        source: 'sluice://registry',
        type: factType(subject),
        time: row.at.toISOString(),
        subject: row.object_id,
        datacontenttype: 'application/json',
        data: showActivity(row),
      };
      try {
        await bus.publishFact(subject, new TextEncoder().encode(JSON.stringify(fact)), fact.id);
      } catch {
        return; // the stream is not there yet, or the bus is away: tried again with the next heartbeat
      }
      await database.query('update activity set published_at = now() where id = $1', [row.id]);
    }
    if (rows.length < BATCH) return;
  }
}
