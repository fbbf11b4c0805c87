import type { EntityManager } from 'typeorm';
import type { ReceivedFact } from '../fact/read-fact.js';

const MIB = 1024 * 1024;
/** How many bytes of quarantined facts are kept for one author within a day. */
const MAX_PER_DAY = 64 * MIB;

/** Added to the reason of a quarantined fact whose bytes are not kept. */
export const BYTES_NOT_KEPT = `its bytes are not kept, because its author exceeded ${MAX_PER_DAY / MIB} MiB of quarantined facts within a day; the stream has them until they expire`;

/** How many bytes of quarantined facts may still be kept for each author, while a batch is stored. */
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
    const left = new Map(authors.map((author) => [author, MAX_PER_DAY]));
    for (const { author, bytes } of used) left.set(author, MAX_PER_DAY - Number(bytes));
    return new QuarantineBudget(left);
  }

  /** Subtracts the bytes of a quarantined fact from its author's budget. If they exceed it, they will not be kept. */
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
