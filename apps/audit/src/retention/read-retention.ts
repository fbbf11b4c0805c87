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
    oldestFactAt: oldest?.at.toISOString() ?? null,
  };
}

/** The oldest fact of those that are the first of their chain. */
export interface OldestFact {
  readonly author: string;
  readonly incarnation: string;
  readonly at: Date;
}

const FIRST = `select received_at as at from fact where author = c.author and incarnation = c.incarnation and number is not null order by number limit 1`;

/**
 * Finds the oldest fact of those that are the first of their chain.
 * @param before what was found before. While it is the first of its chain no other is older, since facts that arrive are newer: then no
 * other chain is visited, of which there may be thousands
 */
export async function readOldest(database: DataSource, before: OldestFact | null = null): Promise<OldestFact | null> {
  if (before !== null) {
    const [still] = await database.query<{ at: Date }[]>(
      `select first.at from (select $1::text as author, $2::text as incarnation) c cross join lateral (${FIRST}) first`,
      [before.author, before.incarnation],
    );
    if (still?.at.getTime() === before.at.getTime()) return before;
  }
  const [oldest] = await database.query<OldestFact[]>(
    `select c.author, c.incarnation, first.at from chain c cross join lateral (${FIRST}) first order by first.at limit 1`,
  );
  return oldest ?? null;
}
