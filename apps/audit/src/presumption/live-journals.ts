import type { DataSource } from 'typeorm';

/** A relay's journal that holds live sessions. */
export interface LiveJournal {
  readonly relay: string;
  /** Empty for sessions of a release that did not keep it. */
  readonly incarnation: string;
  /** By the relay's own word another journal began later, and in the order of receipt nothing speaks against it. */
  readonly saidEarlier: boolean;
  /** In the order of receipt another journal began after the last fact of this one. */
  readonly heardEarlier: boolean;
}

/** Journals of a relay that are looked at, of those that say they began last. */
const NEWEST = 100;

/**
 * The journals that hold live sessions. The index is asked for one after another, so this costs as much as there are
 * journals, however many sessions they hold; each is compared with those that may be its relay's newest.
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
                 where author = j.relay and started_at is not null order by started_at desc limit ${NEWEST}) said
               where said.incarnation <> j.incarnation and said.started_at > c.started_at
                 and said.last_receipt >= c.first_receipt) as "saidEarlier",
            coalesce(heard.incarnation <> j.incarnation and heard.first_receipt > coalesce(c.last_receipt, 0), false) as "heardEarlier"
       from journal j
       left join chain c on c.author = j.relay and c.incarnation = j.incarnation
       left join lateral (
         select incarnation, first_receipt from chain where author = j.relay order by first_receipt desc limit 1) heard on true`,
  );
