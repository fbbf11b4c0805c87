import {
  type ChainFact,
  type Dropped,
  HEAD_SUBJECTS,
  type InputOf,
  type listChainFacts,
  type listChains,
  type OutputOf,
} from '@sluice/contracts';
import { decodeCursor, decodeNumberCursor, pageOf } from '@sluice/persistence';
import type { DataSource } from 'typeorm';

/** How many facts after the last one of a time are searched for the next signed head. A relay signs at least every thousand facts. */
const MAX_AFTER = 2000;

interface ChainRow {
  author: string;
  incarnation: string;
  first: string;
  last: string;
  dropped: Dropped | null;
}

/**
 * One page of the chains of facts that were received within a time. Each range continues to the head that covers its last fact, and
 * begins after what was dropped if no earlier fact is there.
 */
export async function pageOfChains(
  database: DataSource,
  { since, until, cursor, limit }: InputOf<typeof listChains>,
): Promise<OutputOf<typeof listChains>> {
  const [incarnation, author] = cursor === undefined ? [null, null] : decodeCursor(cursor);
  const rows = await database.query<ChainRow[]>(
    `select author, incarnation, c.dropped, case when exists (
         select from fact where author = found.author and incarnation = found.incarnation and number < found.first
       ) then first else coalesce(c.dropped_through, 0) + 1 end as first, coalesce((
         select number from fact
          where author = found.author and incarnation = found.incarnation
            and number between found.last and found.last + $6 and subject ^@ any($7::text[]) order by number limit 1
       ), last) as last
       from (
         select author, incarnation, min(number) as first, max(number) as last from fact
          where number is not null
            and ($1::timestamptz is null or received_at >= $1) and ($2::timestamptz is null or received_at < $2)
            and ($3::text is null or (incarnation, author) > ($3, $4::text))
          group by incarnation, author order by incarnation, author limit $5
       ) found left join chain c using (author, incarnation) order by incarnation, author`,
    [since ?? null, until ?? null, incarnation, author, limit + 1, MAX_AFTER, HEAD_SUBJECTS],
  );
  return pageOf(
    rows,
    limit,
    (row) => [row.incarnation, row.author],
    (row) => ({
      author: row.author,
      incarnation: row.incarnation,
      from: Number(row.first),
      to: Number(row.last),
      dropped: row.dropped,
    }),
  );
}

interface FactRow {
  number: string;
  subject: string;
  bytes: Buffer | null;
  sha256: string;
  missing: string;
  reason: string | null;
}

/** One page of the facts of a chain, by number. */
export async function pageOfChainFacts(
  database: DataSource,
  { author, incarnation, from, to, cursor, limit }: InputOf<typeof listChainFacts>,
): Promise<OutputOf<typeof listChainFacts>> {
  const after = cursor === undefined ? from - 1 : decodeNumberCursor(cursor);
  const rows = await database.query<FactRow[]>(
    `with page as (
       select id, number, subject, bytes, digest, lag(number, 1, $3::bigint) over (order by number) as before from fact
        where author = $1 and incarnation = $2 and number > $3 and ($4::bigint is null or number <= $4)
        order by number limit $5)
     select number, subject, bytes, encode(coalesce(digest, sha256(bytes)), 'hex') as sha256,
       case when before < number - 1 and exists (
         select 1 from gap where author = $1 and incarnation = $2 and first_number <= before + 1 and last_number >= number - 1)
       then number - before - 1 else 0 end as missing,
       (select reason from quarantine where author = $1 and fact_id = page.id and resolved_at is null order by quarantine.id limit 1) as reason
       from page order by number`,
    [author, incarnation, after, to ?? null, limit + 1],
  );
  return pageOf(rows, limit, (row) => ['', row.number], show);
}

const show = ({ number, subject, bytes, sha256, missing, reason }: FactRow): ChainFact => ({
  number: Number(number),
  subject,
  body: bytes === null ? null : bytes.toString('utf8'), // a fact with a number is JSON, and so UTF-8
  sha256,
  missingBefore: Number(missing),
  quarantined: reason,
});
