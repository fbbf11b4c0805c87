import { randomUUID } from 'node:crypto';
import { RETENTION_KINDS, type RetentionKind, wantedRetention } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import type { DataSource } from 'typeorm';

/** How many days evidence of each kind is kept; 0 means forever. */
export type Days = Readonly<Record<RetentionKind, number>>;

/** Evidence of each kind that was received before may be dropped; null: none. */
export type Cutoffs = Readonly<Record<RetentionKind, Date | null>>;

/** How long a shorter time waits until it takes effect, in seconds of the service's age: time to notice that somebody wants evidence to disappear. */
export const DELAY_SECONDS = 24 * 3600;

/** Asks the registry how long the settings say that evidence is kept, and notes it. @throws Error if it does not respond */
export async function askRetention(database: DataSource, bus: Bus, minimumDays: number): Promise<Cutoffs> {
  return settleRetention(database, await bus.call(wantedRetention, {}, { requestId: randomUUID() }), minimumDays);
}

/**
 * Notes how long the settings say that evidence is kept. A longer time takes effect at once, a shorter one a day later, and if the
 * settings change meanwhile, a day after that. The day is counted by the service's age, which no jump of a clock makes much older.
 * @param minimumDays nothing is kept for a shorter time
 * @returns what may be dropped now, by a clock that is never ahead of the database's
 */
export async function settleRetention(database: DataSource, asked: Days, minimumDays: number): Promise<Cutoffs> {
  const cutoffs: Record<RetentionKind, Date | null> = { sessions: null, activities: null, facts: null };
  for (const kind of RETENTION_KINDS) {
    const days = asked[kind] === 0 ? 0 : Math.max(asked[kind], minimumDays);
    const [rows] = await database.query<[{ cutoff: Date | null }[], number]>(
      `update retention set asked_days = $2,
              asked_age = case when asked_days = $2 then asked_age else age_seconds end,
              days = case when $2 = 0 or (days <> 0 and $2 >= days) or (asked_days = $2 and age_seconds >= asked_age + $3) then $2 else days end
         from stream_position where kind = $1
        returning case when days > 0 then (select now from service_clock) - make_interval(days => days) end as cutoff`,
      [kind, days, DELAY_SECONDS],
    );
    cutoffs[kind] = rows[0]?.cutoff ?? null;
  }
  return cutoffs;
}
