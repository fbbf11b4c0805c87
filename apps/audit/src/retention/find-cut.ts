import { Envelope, isHeadSubject } from '@sluice/contracts';
import { parseJson } from '@sluice/domain';
import { type CertificateVerifier, checkHead } from '@sluice/identity';
import type { EntityManager } from 'typeorm';
import { readFact, sessionOf } from '../fact/read-fact.js';
import { kindOf } from './kind-of.js';
import type { Cutoffs } from './settle-retention.js';

/** A chain of which something may be dropped. */
export interface OldChain {
  readonly author: string;
  readonly incarnation: string;
}

/** Where a chain can be cut: everything up to `through` can be dropped. */
export interface Cut {
  readonly through: number;
  /** SHA-256 of fact `through`, in hexadecimal, as the head after it says. */
  readonly hash: string;
  /** How many facts there are up to `through`, and how many records follow from them. */
  readonly facts: number;
  readonly records: number;
  /** The sessions whose records follow from these facts. */
  readonly sessions: readonly string[];
}

interface FactRow {
  readonly number: string;
  readonly subject: string;
  readonly received_at: Date;
  readonly session_id: string | null;
}

/** How many facts of a chain are looked at. A relay signs at least every thousand. */
const AT_ONCE = 1500;
/** How many are looked at if none of them is a head: their author had no key for a while. */
const MOST = 100_000;
/** How many facts whose session is not noted are read at once: their author chose their size. */
const READ_AT_ONCE = 50;

/**
 * Finds how far a chain can be dropped now: up to a signed head that stays, all of whose earlier facts are old enough, and from
 * which no record follows that is kept, because its session runs, was recorded lately or is held.
 *
 *   1 ─ 2 ─ 3 ─ head 4 ─ 5 ─ 6 ─ head 7 ─ 8 (recent, or of a session that is held)
 *   └───── can be dropped ─────┘ └── stays
 *
 * @returns undefined if nothing can be dropped
 */
export async function findCut(
  tx: EntityManager,
  { author, incarnation }: OldChain,
  cutoffs: Cutoffs,
  authority: Pick<CertificateVerifier, 'verify'>,
): Promise<Cut | undefined> {
  let rows = await readFacts(tx, { author, incarnation }, AT_ONCE);
  if (!rows.slice(1).some(({ subject }) => isHeadSubject(subject))) rows = await readFacts(tx, { author, incarnation }, MOST);
  const before = await cutoffsUnderHolds(tx, cutoffs);
  const recent = rows.findIndex(({ subject, received_at }) => received_at >= (before[kindOf(subject)] ?? 0)); // 0: all are recent
  const old = recent < 0 ? rows : rows.slice(0, recent);
  const sessions = await sessionsOf(tx, author, incarnation, old);
  const until = Number(old.at(-1)?.number ?? 0);
  const records = await recordsOf(tx, { author, incarnation }, until, [...new Set(sessions.values())], cutoffs.sessions);
  const needed = old.findIndex(({ number }) => records.get(sessions.get(number) ?? '')?.kept);
  const end = needed >= 0 ? needed : old.length;
  for (let index = Math.min(end, rows.length - 1); index > 0; index--) {
    const { number, subject } = rows[index] as FactRow;
    const hash = isHeadSubject(subject) ? await hashBefore(tx, author, incarnation, Number(number), authority) : undefined;
    if (hash === undefined) continue;
    const named = [...new Set(rows.slice(0, index).flatMap((row) => sessions.get(row.number) ?? []))].filter((id) =>
      records.has(id),
    );
    return { through: Number(number) - 1, hash, facts: index, records: named.length, sessions: named };
  }
  return undefined;
}

/** The oldest facts of a chain, each with the latest time at which it can have been received. */
const readFacts = (tx: EntityManager, { author, incarnation }: OldChain, most: number): Promise<FactRow[]> =>
  tx.query<FactRow[]>(
    `select number, subject, greatest(received_at, case when received_at >= behind_from and received_at < behind_to then behind_until end) as received_at,
            session_id from service_clock, fact
      where author = $1 and incarnation = $2 and number is not null order by number limit $3`,
    [author, incarnation, most],
  );

/** Facts of services are held by their time alone: a hold keeps those since its beginning, and all later ones. */
async function cutoffsUnderHolds(tx: EntityManager, cutoffs: Cutoffs): Promise<Cutoffs> {
  const [held] = await tx.query<{ since: Date | null }[]>(
    'select min(coalesce(since, to_timestamp(0))) as since from active_hold',
  );
  const since = held?.since ?? null;
  const under = (cutoff: Date | null) => (cutoff !== null && since !== null && since < cutoff ? since : cutoff);
  return { sessions: cutoffs.sessions, activities: under(cutoffs.activities), facts: under(cutoffs.facts) };
}

/** The sessions that facts are about, by the numbers of the facts. Earlier releases did not note them, so those facts are read. */
async function sessionsOf(
  tx: EntityManager,
  author: string,
  incarnation: string,
  facts: readonly FactRow[],
): Promise<Map<string, string>> {
  const sessions = new Map<string, string>();
  const unread: string[] = [];
  for (const { number, subject, session_id: session } of facts) {
    if (session !== null) sessions.set(number, session);
    else if (/^audit\.v1\.(session|attempt)\./.test(subject)) unread.push(number);
  }
  for (let from = 0; from < unread.length; from += READ_AT_ONCE) {
    const rows = await tx.query<{ number: string; subject: string; bytes: Buffer | null }[]>(
      'select number, subject, bytes from fact where author = $1 and incarnation = $2 and number = any($3::bigint[])',
      [author, incarnation, unread.slice(from, from + READ_AT_ONCE)],
    );
    for (const { number, subject, bytes } of rows) {
      const { record } = bytes === null ? {} : readFact(subject, bytes);
      if (record) sessions.set(number, sessionOf(record));
    }
  }
  return sessions;
}

/** The records of an author's sessions, and whether each is kept. Another author's are none of its chain's business. */
async function recordsOf(
  tx: EntityManager,
  { author, incarnation }: OldChain,
  until: number,
  sessions: readonly string[],
  cutoff: Date | null,
): Promise<Map<string, { readonly kept: boolean }>> {
  const rows = await tx.query<{ id: string; kept: boolean }[]>(
    "select id, kept from records_of($1, $2, $3, $4, coalesce($5::timestamptz, '-infinity'))",
    [author, incarnation, until, sessions, cutoff],
  );
  return new Map(rows.map(({ id, kept }) => [id, { kept }]));
}

/** The hash of the fact before a head, if the head proves it and the chain is signed up to there; undefined otherwise. */
async function hashBefore(
  tx: EntityManager,
  author: string,
  incarnation: string,
  number: number,
  authority: Pick<CertificateVerifier, 'verify'>,
): Promise<string | undefined> {
  const [row] = await tx.query<{ bytes: Buffer | null; before: string | null }[]>(
    `select h.bytes, encode(coalesce(f.digest, sha256(f.bytes)), 'hex') as before
       from fact h join chain c on c.author = h.author and c.incarnation = h.incarnation and c.signed_through >= h.number - 1
       left join fact f on f.author = h.author and f.incarnation = h.incarnation and f.number = h.number - 1
      where h.author = $1 and h.incarnation = $2 and h.number = $3`,
    [author, incarnation, number],
  );
  const { previous = '', data } = Envelope.safeParse(parseJson(row?.bytes?.toString('utf8') ?? '')).data ?? {};
  const head = checkHead({ author, incarnation, number, previous, data }, authority);
  if ('code' in head || (row?.before ?? previous) !== previous) return undefined; // what is wrong stays, so that it can be seen
  return previous;
}
