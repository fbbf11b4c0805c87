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
}

/** Advances `through` of each chain in the batch as far as its numbers are stored without a gap. @returns the new positions */
export async function advanceChains(tx: EntityManager, receipt: Receipt): Promise<Progress[]> {
  const progress: Progress[] = [];
  for (const [, { author, incarnation, highest, first, last }] of [...chainsIn(receipt)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [row] = await tx.query<{ through: string }[]>(
      `insert into chain (author, incarnation, highest, first_receipt, last_receipt) values ($1, $2, $3, $4, $5)
       on conflict (author, incarnation) do update set highest = greatest(chain.highest, excluded.highest),
         last_receipt = greatest(chain.last_receipt, excluded.last_receipt) returning through`,
      [author, incarnation, highest, first ?? 0, last ?? 0],
    );
    progress.push({ author, incarnation, through: await advanceChain(tx, author, incarnation, Number(row?.through)) });
  }
  return progress;
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

/**
 * Advances one chain from `through`, its present position, as far as its numbers are stored without a gap: over those that are
 * as far from `through` as they come after it, in steps of a limited number of facts. The transaction has changed the chain's
 * row already, so nobody else advances it meanwhile.
 * @returns the new position
 */
export async function advanceChain(tx: EntityManager, author: string, incarnation: string, through: number): Promise<number> {
  const [rows] = await tx.query<[{ through: string }[], number]>(
    `update chain set through = $3::bigint + (
       select count(*) from (
         select number - row_number() over (order by number) as before from (
           select number from fact where author = $1 and incarnation = $2 and number > $3 order by number limit $4) next
       ) later where before = $3)
      where author = $1 and incarnation = $2 returning through`,
    [author, incarnation, through, STEP],
  );
  const position = Number(rows[0]?.through ?? through);
  return position - through < STEP ? position : advanceChain(tx, author, incarnation, position);
}
