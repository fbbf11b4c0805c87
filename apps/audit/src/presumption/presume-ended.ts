import { outcomeOf } from '@sluice/domain';
import type { DataSource } from 'typeorm';

/**
 * What a presumed record says: the end of a lost relay's session, with the figures of its last checkpoint. A relay may have
 * claimed any duration; one that is none (more than thirty years, in milliseconds) must not keep the sessions of others from their end.
 */
const presumed = `state = 'presumed ended', presumed_at = now(), revision = revision + 1, end_reason = 'relay lost',
  outcome = '${outcomeOf('relay lost', 'active')}', exactness = 'at least', bytes_up = coalesce(bytes_up, 0), bytes_down = coalesce(bytes_down, 0),
  duration_ms = coalesce(duration_ms, 0), ended_at = started_at + least(greatest(coalesce(duration_ms, 0), 0), 1e12) * interval '1 ms'`;

/**
 * Presumes ended what no end can be expected of: sessions of relays that are silent, and sessions of a relay's journal when
 * it has begun another since. The relay may still say how they ended; after `finalDays` it is too late, and the guess is final.
 * @returns how many were presumed ended
 */
export async function presumeEnded(
  database: DataSource,
  isSilent: (relayId: string) => boolean,
  finalDays: number,
): Promise<number> {
  const relays = await database.query<{ relay_id: string }[]>(
    `select distinct relay_id from session where state = 'live' and relay_id is not null and started_at is not null`,
  );
  const silent = relays.map(({ relay_id: id }) => id).filter(isSilent);
  const [, ofSilent] = await database.query<[unknown[], number]>(
    `update session set ${presumed}, message = 'nothing is heard of the relay: the end is presumed, figures are of the last checkpoint'
      where state = 'live' and started_at is not null and relay_id = any($1)`,
    [silent],
  );
  const [, ofEarlier] = await database.query<[unknown[], number]>(
    `update session s set ${presumed}, message = 'the relay began a new journal: the end is presumed, figures are of the last checkpoint'
      where state = 'live' and started_at is not null and exists (
        select 1 from chain c where c.author = s.relay_id and c.started_at > s.started_at and c.incarnation is distinct from s.incarnation)`,
  );
  await database.query(
    `update session set state = 'final', revision = revision + 1 where state = 'presumed ended' and presumed_at < now() - make_interval(days => $1)`,
    [finalDays],
  );
  return ofSilent + ofEarlier;
}
