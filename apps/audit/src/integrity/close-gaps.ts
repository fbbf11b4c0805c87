import { eachAlone } from '@sluice/persistence';
import type { DataSource } from 'typeorm';
import { advanceChain, type Progress } from '../chain/advance-chains.js';
import { noteIntegrity } from './note-integrity.js';

interface Gap {
  author: string;
  incarnation: string;
  through: string;
  next: string;
}

/** How many gaps are closed in one call, and how many of one author, so that an author with many gaps does not delay others. */
const AT_ONCE = 50;
const OF_ONE_AT_ONCE = 5;

/**
 * Gives up numbers that have been missing for longer than `seconds` although later ones have arrived. The gap is reported as
 * an integrity fact, and the chain continues after it. A missing fact that arrives later is still stored (see `noteLate`).
 * @param onClosed receives the new positions of those chains, also if giving up another gap failed
 */
export async function closeGaps(
  database: DataSource,
  seconds: number,
  onClosed: (closed: readonly Progress[]) => void,
): Promise<void> {
  const gaps = await database.query<Gap[]>(
    `select author, incarnation, through, next from (
       select c.author, c.incarnation, c.through, later.number as next, later.received_at,
              row_number() over (partition by c.author order by later.received_at) as position
         from chain c cross join lateral (
           select number, received_at from fact
            where author = c.author and incarnation = c.incarnation and number > c.through order by number limit 1
         ) later
        where c.highest > c.through and later.number > c.through + 1 and later.received_at < now() - make_interval(secs => $1)
     ) gap where position <= $2 order by position, received_at limit $3`,
    [seconds, OF_ONE_AT_ONCE, AT_ONCE],
  );
  const progress: Progress[] = [];
  try {
    await eachAlone(gaps, async (gap) => {
      const through = await closeGap(database, gap);
      if (through !== undefined) progress.push({ author: gap.author, incarnation: gap.incarnation, through });
    });
  } finally {
    onClosed(progress);
  }
}

/** Another copy of this service was first, or the facts have arrived. */
class OvertakenError extends Error {}

/** Rows are locked in the order in which a batch of facts locks them: gap, integrity, chain. @returns the new position; undefined if there is nothing to give up any more */
async function closeGap(database: DataSource, { author, incarnation, through, next }: Gap): Promise<number | undefined> {
  const detail = { incarnation, from: Number(through) + 1, to: Number(next) - 1 };
  try {
    return await database.transaction(async (tx) => {
      await tx.query(
        `insert into gap (author, incarnation, first_number, last_number, missing)
         values ($1, $2, $3, $4, $4::bigint - $3::bigint + 1) on conflict do nothing`,
        [author, incarnation, detail.from, detail.to],
      );
      await noteIntegrity(tx, 'gap', author, detail);
      const [, moved] = await tx.query<[unknown[], number]>(
        'update chain set through = $4 where author = $1 and incarnation = $2 and through = $3',
        [author, incarnation, through, detail.to],
      );
      if (moved === 0) throw new OvertakenError();
      return advanceChain(tx, author, incarnation, detail.to);
    });
  } catch (error) {
    if (error instanceof OvertakenError) return undefined;
    throw error;
  }
}
