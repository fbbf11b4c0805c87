import type { StoredThrough } from '@sluice/contracts';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import type { ReceivedFact } from '../fact/read-fact.js';

/** How far the facts of one author's incarnation are stored without a gap. */
export type Progress = z.infer<typeof StoredThrough> & { readonly author: string };

/** The place of a batch in the order in which this service received facts. Only this order, and no clock, decides which of two came first. */
export interface Receipt {
  /** The facts of the batch, in the order of receipt. */
  readonly facts: readonly ReceivedFact[];
  /** Those that had not been stored before. */
  readonly fresh: readonly ReceivedFact[];
  /** The receipt number of the first fact; the others follow. */
  readonly from: number;
}

interface Named {
  readonly author: string;
  readonly incarnation: string;
  /** The highest of its numbers in the batch. */
  highest: number;
  /** Receipt numbers of its first and last new fact; undefined if all of its facts are repeats. */
  first?: number;
  last?: number;
  /** The lowest number among its new facts. */
  lowest?: number;
}

/**
 * Advances `through` of each chain in the batch as far as its numbers are stored without a gap. Rows are locked in the order of
 * their names. This takes two statements: the first may wait until another copy of this service has stored facts of these chains,
 * and only a statement that begins afterwards sees them.
 * @returns the new positions
 */
export async function advanceChains(tx: EntityManager, receipt: Receipt): Promise<Progress[]> {
  const chains = [...chainsIn(receipt)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, chain]) => chain);
  if (chains.length === 0) return [];
  const rows = await tx.query<(PositionRow & { dropped_through: string })[]>(
    `insert into chain (author, incarnation, highest, first_receipt, last_receipt)
       select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
     on conflict (author, incarnation) do update set highest = greatest(chain.highest, excluded.highest),
       last_receipt = greatest(chain.last_receipt, excluded.last_receipt) returning author, incarnation, through, dropped_through`,
    [
      chains.map(({ author }) => author),
      chains.map(({ incarnation }) => incarnation),
      chains.map(({ highest }) => highest),
      chains.map(({ first }) => first ?? 0),
      chains.map(({ last }) => last ?? 0),
    ],
  );
  const lowest = new Map(chains.map((chain) => [journalName(chain.author, chain.incarnation), chain.lowest ?? Infinity]));
  if (rows.some((row) => Number(row.dropped_through) >= (lowest.get(journalName(row.author, row.incarnation)) ?? Infinity)))
    throw new Error('facts of this batch were dropped by retention meanwhile'); // it is stored again without them
  return advanceFrom(tx, rows.map(positionOf));
}

function chainsIn({ facts, fresh, from }: Receipt): Map<string, Named> {
  const isNew = new Set(fresh);
  const chains = new Map<string, Named>();
  for (const [index, fact] of facts.entries()) {
    if (fact.author === null || !fact.place) continue;
    const { author, place } = fact;
    const name = journalName(author, place.incarnation);
    const chain: Named = chains.get(name) ?? { author, incarnation: place.incarnation, highest: 0 };
    chains.set(name, chain);
    chain.highest = Math.max(chain.highest, place.number);
    if (!isNew.has(fact)) continue;
    chain.lowest = Math.min(chain.lowest ?? Infinity, place.number);
    chain.first ??= from + index;
    chain.last = from + index;
  }
  return chains;
}

/** The name of an author's journal; authors themselves are named by their ids. */
export const journalName = (author: string, incarnation: string): string => `${author} ${incarnation}`;

/** Notes when incarnations began according to their author's clock, but not later than now. */
export async function noteStarts(tx: EntityManager, fresh: readonly ReceivedFact[]): Promise<void> {
  for (const { author, place, startedAt } of fresh) {
    if (startedAt === undefined || place?.number !== 1) continue;
    await tx.query('update chain set started_at = least($3::timestamptz, now()) where author = $1 and incarnation = $2', [
      author,
      place.incarnation,
      startedAt,
    ]);
  }
}

/** How many facts one statement looks at. A chain full of holes costs no more than that, however many facts follow the first hole. */
const STEP = 500;

/** Advances one chain from `through`, its present position (see `advanceFrom`). @returns the new position */
export async function advanceChain(tx: EntityManager, author: string, incarnation: string, through: number): Promise<number> {
  const [advanced] = await advanceFrom(tx, [{ author, incarnation, through }]);
  return advanced?.through ?? through;
}

/**
 * Advances chains from their present positions as far as their numbers are stored without a gap: over those that are as far from
 * `through` as they come after it, in steps of a limited number of facts. The transaction has changed the rows of the chains
 * already, so nobody else advances them meanwhile.
 * @returns the new positions
 */
async function advanceFrom(tx: EntityManager, from: readonly Progress[]): Promise<Progress[]> {
  const [rows] = await tx.query<[PositionRow[], number]>(
    `update chain set through = given.through + (
       select count(*) from (
         select number - row_number() over (order by number) as before from (
           select number from fact
            where author = given.author and incarnation = given.incarnation and number > given.through order by number limit $4) next
       ) later where before = given.through)
       from unnest($1::text[], $2::text[], $3::bigint[]) as given (author, incarnation, through)
      where chain.author = given.author and chain.incarnation = given.incarnation
     returning chain.author, chain.incarnation, chain.through`,
    [from.map(({ author }) => author), from.map(({ incarnation }) => incarnation), from.map(({ through }) => through), STEP],
  );
  const before = new Map(from.map(({ author, incarnation, through }) => [journalName(author, incarnation), through]));
  const positions = rows.map(positionOf);
  const goOn = positions.filter(
    ({ author, incarnation, through }) => through - (before.get(journalName(author, incarnation)) ?? through) >= STEP,
  );
  if (goOn.length === 0) return positions;
  return [...positions.filter((position) => !goOn.includes(position)), ...(await advanceFrom(tx, goOn))];
}

interface PositionRow {
  author: string;
  incarnation: string;
  through: string;
}

const positionOf = ({ author, incarnation, through }: PositionRow): Progress => ({
  author,
  incarnation,
  through: Number(through),
});
