import type { DeliveryStatus } from '@sluice/contracts';
import type { DataSource } from 'typeorm';
import type { PresentRelay } from './present-relays.js';

const MOST_RELAYS = 500;
const MOST_GAPS = 20;

/** How far the facts of relays are stored that are online, or of which facts are awaited: those with the most that wait first. */
export async function readRelays(database: DataSource, present: readonly PresentRelay[]): Promise<DeliveryStatus['relays']> {
  const online = new Map(present.map((relay) => [relay.id, relay]));
  const rows = await database.query<
    { id: string; cluster: string | null; incarnation: string | null; through: string | null; highest: string | null }[]
  >(
    `select r.id, k.cluster, c.incarnation, c.through, c.highest
       from (select unnest($1::text[]) as id
              union select author from chain where highest > through and author like '%-%') r
       left join relay_cluster k on k.relay_id = r.id
       left join lateral (
         select incarnation, through, highest from chain
          where author = r.id order by highest > through desc, first_receipt desc limit 1) c on true
      limit $2`,
    [[...online.keys()], MOST_RELAYS],
  );
  const relays = rows.map((row) => {
    const relay = online.get(row.id);
    return {
      id: row.id,
      name: relay?.name ?? null,
      cluster: relay?.cluster ?? row.cluster,
      incarnation: row.incarnation,
      through: Number(row.through ?? 0),
      highest: Number(row.highest ?? 0),
      journal: relay?.journal ?? null,
    };
  });
  const waiting = ({ through, highest, journal }: (typeof relays)[number]) => highest - through + (journal?.facts ?? 0);
  return relays.sort((a, b) => waiting(b) - waiting(a) || (a.name ?? a.id).localeCompare(b.name ?? b.id));
}

/** The latest gaps with facts that are still missing. */
export async function readGaps(database: DataSource): Promise<DeliveryStatus['gaps']> {
  const rows = await database.query<
    { author: string; incarnation: string; first_number: string; last_number: string; missing: string; reported_at: Date }[]
  >('select * from gap where missing > 0 order by reported_at desc, author, incarnation, first_number limit $1', [MOST_GAPS]);
  return rows.map((row) => ({
    author: row.author,
    incarnation: row.incarnation,
    from: Number(row.first_number),
    to: Number(row.last_number),
    missing: Number(row.missing),
    reportedAt: row.reported_at.toISOString(),
  }));
}
