import type { DataSource } from 'typeorm';

/** A relay's journal that contains live sessions. */
export interface LiveJournal {
  readonly relay: string;
  /** Empty for sessions of an old release, which did not record it. */
  readonly incarnation: string;
  /** Whether another journal began later according to the relay's clock, and the order of receipt does not contradict that. */
  readonly earlierByClock: boolean;
  /** Whether another journal began after the last fact of this one in the order of receipt. */
  readonly earlierByReceipt: boolean;
}

/** How many of a relay's journals are compared, starting with those that began last by its clock. */
const NEWEST = 100;

/**
 * Finds the journals that contain live sessions. The query jumps through the index from one journal to the next, so its cost
 * depends on the number of journals and not of sessions. Each journal is compared with those that may be its relay's newest.
 */
export const liveJournals = (database: DataSource): Promise<LiveJournal[]> =>
  database.query<LiveJournal[]>(
    `with recursive journal (relay, incarnation) as (
       (select relay_id, coalesce(incarnation, '') from session
         where state = 'live' and relay_id is not null order by relay_id, coalesce(incarnation, '') limit 1)
       union all
       select next.* from journal j cross join lateral (
         select relay_id, coalesce(incarnation, '') from session
          where state = 'live' and (relay_id, coalesce(incarnation, '')) > (j.relay, j.incarnation)
          order by relay_id, coalesce(incarnation, '') limit 1) next
     )
     select j.relay, j.incarnation,
            exists (
              select 1 from (
                select incarnation, started_at, last_receipt from chain
                 where author = j.relay and started_at is not null order by started_at desc limit ${NEWEST}) later
               where later.incarnation <> j.incarnation and later.started_at > c.started_at
                 and later.last_receipt >= c.first_receipt) as "earlierByClock",
            coalesce(newest.incarnation <> j.incarnation and newest.first_receipt > coalesce(c.last_receipt, 0), false) as "earlierByReceipt"
       from journal j
       left join chain c on c.author = j.relay and c.incarnation = j.incarnation
       left join lateral (
         select incarnation, first_receipt from chain where author = j.relay order by first_receipt desc limit 1) newest on true`,
  );
