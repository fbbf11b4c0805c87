import { randomUUID } from 'node:crypto';
import { droppedActivities } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import type { DataSource } from 'typeorm';

/** How often the audit service is asked at once, for a thousand activities each: other work waits meanwhile. */
const ROUNDS = 20;

/** Drops the activities whose facts the audit service has dropped. The database keeps those that are too young, which are tried again later. */
export async function dropActivities(database: DataSource, bus: Bus): Promise<void> {
  let done: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { activities } = await bus.call(droppedActivities, { done }, { requestId: randomUUID() });
    if (activities.length === 0) return;
    const gone = await database.query<{ id: string }[]>('select drop_activities($1::uuid[]) as id', [activities]);
    if (gone.length === 0) return;
    done = gone.map(({ id }) => id);
  }
}
