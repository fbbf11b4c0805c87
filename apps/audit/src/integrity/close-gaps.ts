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
 * @returns the new positions of those chains
 */
export async function closeGaps(database: DataSource, seconds: number): Promise<Progress[]> {
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
  for (const { author, incarnation, through, next } of gaps) {
    await database.transaction(async (tx) => {
      const [, moved] = await tx.query<[unknown[], number]>(
        'update chain set through = $4 where author = $1 and incarnation = $2 and through = $3',
        [author, incarnation, through, Number(next) - 1],
      );
      if (moved === 0) return; // another copy of this service was first, or the facts have arrived
      const detail = { incarnation, from: Number(through) + 1, to: Number(next) - 1 };
      await tx.query(
        `insert into gap (author, incarnation, first_number, last_number, missing) values ($1, $2, $3, $4, $4::bigint - $3::bigint + 1)`,
        [author, incarnation, detail.from, detail.to],
      );
      await noteIntegrity(tx, 'gap', author, detail);
      progress.push({ author, incarnation, through: await advanceChain(tx, author, incarnation) });
    });
  }
  return progress;
}
