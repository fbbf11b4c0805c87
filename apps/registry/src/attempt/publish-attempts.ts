import { attemptSubject, type AttemptUnanswered } from '@sluice/contracts';
import type { FactChain } from '@sluice/messaging';
import type { DataSource } from 'typeorm';
import { markPublished } from '../activity/pending-facts.js';

const BATCH = 200;

interface AttemptRow {
  id: string;
  account_id: string;
  account_email: string;
  request_id: string;
  attempt: number;
  resource_id: string;
  resource_name: string;
  reason: AttemptUnanswered['agent']['reason'];
  message: string;
  agent_started_at: Date;
  received_at: Date;
  repeats: number;
  dropped: number;
}

const show = (row: AttemptRow): AttemptUnanswered => ({
  id: row.id,
  account: { id: row.account_id, email: row.account_email },
  resource: { id: row.resource_id, name: row.resource_name },
  receivedAt: row.received_at.toISOString(),
  repeats: row.repeats,
  ...(row.dropped > 0 ? { dropped: row.dropped } : {}),
  agent: {
    requestId: row.request_id,
    attempt: row.attempt,
    reason: row.reason,
    message: row.message,
    startedAt: row.agent_started_at.toISOString(),
  },
});

/** Publishes attempts that are due, oldest first, and deletes those published a day ago. @throws Error when JetStream does not store one */
export async function publishAttempts(database: DataSource, chain: FactChain): Promise<void> {
  for (;;) {
    const rows = await database.query<AttemptRow[]>(
      'select * from attempt where published_at is null and due_at <= now() order by due_at limit $1',
      [BATCH],
    );
    for (const row of rows) {
      await chain.publish(row.id, {
        subject: attemptSubject(row.resource_id),
        about: row.resource_id,
        at: row.received_at,
        data: show(row),
      });
      await markPublished(database, 'attempt', row.id);
    }
    if (rows.length < BATCH) break;
  }
  await database.query("delete from attempt_repeat where received_at < now() - interval '1 hour'");
  await database.query("delete from attempt where published_at < now() - interval '1 day'");
}
