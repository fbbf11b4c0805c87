import type { Retention, RetentionKind } from '@sluice/contracts';
import type { DataSource } from 'typeorm';
import { DELAY_SECONDS } from './settle-retention.js';

/** How long evidence is kept, and how much was dropped. */
export async function readRetention(database: DataSource): Promise<Retention> {
  const kinds = await database.query<{ kind: RetentionKind; days: number; asked_days: number; due_at: Date | null }[]>(
    `select kind, days, asked_days,
            case when days <> asked_days then date_trunc('minute', now() + make_interval(secs => greatest(asked_age + $1 - age_seconds, 0) + 30)) end as due_at
       from retention, stream_position order by kind desc`,
    [DELAY_SECONDS],
  );
  const [dropped] = await database.query<{ facts: string; records: string; at: Date | null }[]>(
    'select coalesce(sum(dropped_facts), 0) as facts, coalesce(sum(dropped_records), 0) as records, max(dropped_at) as at from chain',
  );
  const oldest = await readOldest(database);
  return {
    kinds: kinds.map(({ kind, days, asked_days, due_at }) => ({
      ...{ kind, days, askedDays: asked_days },
      dueAt: due_at?.toISOString() ?? null,
    })),
    droppedFacts: Number(dropped?.facts),
    droppedRecords: Number(dropped?.records),
    droppedAt: dropped?.at?.toISOString() ?? null,
    oldestFactAt: oldest?.toISOString() ?? null,
  };
}

/** When the oldest fact was received that is the first one of its chain. */
export async function readOldest(database: DataSource): Promise<Date | null> {
  const [row] = await database.query<{ at: Date | null }[]>(
    `select min(first.received_at) as at from chain c cross join lateral (
       select received_at from fact where author = c.author and incarnation = c.incarnation and number is not null order by number limit 1) first`,
  );
  return row?.at ?? null;
}
