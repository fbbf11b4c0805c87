import type { EntityManager } from 'typeorm';
import type { ReceivedFact } from '../fact/read-fact.js';

const MIB = 1024 * 1024;
/** Bytes of one author that made no record and are kept all the same, within a day. */
const OF_A_DAY = 64 * MIB;

/** What a quarantined fact says whose bytes are not kept. */
export const BYTES_NOT_KEPT = `its bytes are not kept: the ${OF_A_DAY / MIB} MiB of its author's day are used up, and it is in the stream until it is too old`;

/** How many bytes that make no record are still kept of each author, while a batch is stored. */
export class QuarantineBudget {
  private readonly refused = new Set<ReceivedFact>();

  private constructor(private readonly left: Map<string, number>) {}

  static async of(tx: EntityManager, facts: readonly ReceivedFact[]): Promise<QuarantineBudget> {
    const authors = [...new Set(facts.map(({ author }) => author ?? ''))];
    const used = await tx.query<{ author: string; bytes: string }[]>(
      `select author, sum(quarantined_bytes) as bytes from traffic
        where author = any($1) and began_at > now() - interval '1 day' group by author`,
      [authors],
    );
    const left = new Map(authors.map((author) => [author, OF_A_DAY]));
    for (const { author, bytes } of used) left.set(author, OF_A_DAY - Number(bytes));
    return new QuarantineBudget(left);
  }

  /** Takes the bytes of a fact that makes no record out of its author's budget; where they are too many, they are not kept. */
  take(fact: ReceivedFact): void {
    const author = fact.author ?? '';
    const left = (this.left.get(author) ?? 0) - fact.bytes.length;
    if (left < 0) this.refused.add(fact);
    else this.left.set(author, left);
  }

  /** Whether a fact's bytes are kept. */
  keeps(fact: ReceivedFact): boolean {
    return !this.refused.has(fact);
  }
}
