import { outcomeOf } from '@sluice/domain';
import { eachAlone } from '@sluice/persistence';
import type { DataSource } from 'typeorm';
import { journalName } from '../chain/advance-chains.js';
import { noteIntegrity } from '../integrity/note-integrity.js';
import { presumedDuration } from '../record/presumed-duration.js';
import { type LiveJournal, liveJournals } from './live-journals.js';

/** Assigns the columns of a record whose end is presumed: the figures are those of its last checkpoint. */
const presumed = `state = 'presumed ended', presumed_at = now(), presumed_age = $1, revision = revision + 1, end_reason = 'relay lost',
  outcome = '${outcomeOf('relay lost', 'active')}', exactness = 'at least', bytes_up = coalesce(bytes_up, 0), bytes_down = coalesce(bytes_down, 0),
  duration_ms = coalesce(duration_ms, 0), ended_at = started_at + ${presumedDuration('duration_ms')}`;

const OF_SILENT = 'the relay was lost: the end is presumed, with the figures of the last checkpoint';
const OF_EARLIER = 'the relay began a new journal: the end is presumed, with the figures of the last checkpoint';
const OF_UNOPENED = 'no fact reported its beginning: the end is presumed, with the figures of the last checkpoint';

/** How many sessions are presumed ended in one call. They are shared evenly among the relays, but each gets at least the minimum. */
const AT_ONCE = 5000;
const MIN_PER_RELAY = 20;
/** How many records become final in one call. */
const FINAL_AT_ONCE = 5000;
/** How long a record waits for its `opened` while its relay is alive. */
const UNOPENED_SECONDS = 24 * 3600;
const DAY_SECONDS = 24 * 3600;

/** Finds out which of the given relays and journals are lost. */
type FindLost = (names: readonly string[]) => ReadonlySet<string>;

/**
 * Presumes the end of sessions whose end can no longer be expected, a limited number per relay and call: those of lost
 * relays, those in a journal whose relay has begun another since, and those with a checkpoint but no `opened`. The relay may
 * still report how they ended. After `finalDays` the presumed end becomes final.
 * @returns how many sessions were presumed ended
 */
export async function presumeEnded(database: DataSource, lost: FindLost, finalDays: number): Promise<number> {
  const age = await ageOfService(database);
  const sessions = (await presumeLost(database, age, lost)) + (await presumeUnopened(database, age));
  await database.query(
    `update session set state = 'final', revision = revision + 1 where ctid = any(array(
       select ctid from session where state = 'presumed ended' and presumed_age < $1 order by presumed_age limit $2 for update skip locked))`,
    [age - finalDays * DAY_SECONDS, FINAL_AT_ONCE],
  );
  return sessions;
}

/** Presumes the end of sessions of lost relays, and of sessions in earlier journals of a relay. @returns how many */
async function presumeLost(database: DataSource, age: number, lost: FindLost): Promise<number> {
  const relays = new Map<string, LiveJournal[]>();
  for (const journal of await liveJournals(database)) relays.set(journal.relay, [...(relays.get(journal.relay) ?? []), journal]);
  const isLost = lost([...relays].flatMap(([relay, journals]) => [relay, ...journals.map((journal) => nameOf(journal))]));
  const due = [...relays].flatMap(([relay, journals]) => {
    if (isLost.has(relay)) return { relay, journals, message: OF_SILENT };
    const earlier = journals.filter(
      (journal) => journal.earlierByClock || (journal.earlierByReceipt && isLost.has(nameOf(journal))),
    );
    return earlier.length > 0 ? { relay, journals: earlier, message: OF_EARLIER } : [];
  });
  const limit = Math.max(MIN_PER_RELAY, Math.floor(AT_ONCE / Math.max(1, due.length)));
  let sessions = 0;
  await eachAlone(due, async ({ relay, journals, message }) => {
    const incarnations = journals.map(({ incarnation }) => incarnation);
    sessions += await presume(database, {
      ...{ relay, age, message, limit },
      ...{ where: `coalesce(incarnation, '') = any($5)`, value: incarnations },
    });
  });
  return sessions;
}

/** Presumes the end of sessions of which only checkpoints have been received for a day. @returns how many */
async function presumeUnopened(database: DataSource, age: number): Promise<number> {
  const before = age - UNOPENED_SECONDS;
  const relays = await database.query<{ relay: string }[]>(
    `select distinct relay_id as relay from session where state = 'live' and started_at is null and seen_age < $1`,
    [before],
  );
  let sessions = 0;
  await eachAlone(relays, async ({ relay }) => {
    sessions += await presume(database, {
      ...{ relay, age, message: OF_UNOPENED, limit: MIN_PER_RELAY },
      ...{ where: 'started_at is null and seen_age < $5', value: before },
    });
  });
  return sessions;
}

const nameOf = ({ relay, incarnation }: LiveJournal): string => journalName(relay, incarnation);

/** Which sessions of a relay are presumed ended, and what their records then say. */
interface Presumption {
  readonly relay: string;
  /** The age of the service, in seconds. */
  readonly age: number;
  readonly message: string;
  /** How many at most. */
  readonly limit: number;
  /** The condition that selects them, with `$5` for `value`. */
  readonly where: string;
  readonly value: unknown;
}

/** Presumes the end of some of a relay's sessions, and reports those whose beginning was never reported. @returns how many */
function presume(database: DataSource, { relay, age, message, limit, where, value }: Presumption): Promise<number> {
  return database.transaction(async (tx) => {
    const [ended] = await tx.query<{ sessions: string; unopened: string; example: string | null }[]>(
      `with ended as (
         update session set ${presumed}, message = $2 where ctid = any(array(
           select ctid from session where state = 'live' and relay_id = $4 and ${where} limit $3 for update skip locked))
         returning id, started_at)
       select count(*) as sessions, count(*) filter (where started_at is null) as unopened,
              min(id::text) filter (where started_at is null) as example from ended`,
      [age, message, limit, relay, value],
    );
    if (Number(ended?.unopened) > 0) {
      await noteIntegrity(tx, 'unopened', relay, {
        sessions: Number(ended?.unopened),
        sessionId: ended?.example,
      });
    }
    return Number(ended?.sessions);
  });
}

/**
 * How old the service is, in seconds. The age grows with the database's clock, but by at most a minute per call, even if that clock
 * jumps. If the clock was put back, which times it shows again is noted, and how old the service is when it has shown them all.
 */
async function ageOfService(database: DataSource): Promise<number> {
  const [rows] = await database.query<[{ age: number }[], number]>(
    `update stream_position p set aged_at = now(), age_seconds = seen.age,
            behind_from = case when seen.back then least(p.behind_from, now() - interval '1 minute') else p.behind_from end,
            behind_to = case when seen.back then greatest(p.behind_to, p.aged_at) else p.behind_to end,
            behind_age = case when seen.back or now() < p.behind_to then seen.age else p.behind_age end
       from (select age_seconds + least(greatest(extract(epoch from now() - aged_at), 0), 60) as age, now() < aged_at - interval '1 minute' as back
               from stream_position for update) seen
     returning p.age_seconds as age`,
  );
  return rows[0]?.age ?? 0;
}
