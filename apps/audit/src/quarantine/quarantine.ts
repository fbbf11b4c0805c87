import { type InputOf, listQuarantine, notFound, type OutputOf, type QuarantinedFact, retryQuarantine } from '@sluice/contracts';
import { cleanText } from '@sluice/domain';
import { decodeNumberCursor, pageOf } from '@sluice/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { digestOf } from '../fact/digest-of.js';
import { readFact, type ReceivedFact } from '../fact/read-fact.js';
import { noteIntegrity } from '../integrity/note-integrity.js';
import { applyFacts } from '../record/apply-facts.js';
import { BYTES_NOT_KEPT, QuarantineBudget } from './quarantine-budget.js';

/** A fact that cannot become part of a record, and why. */
export interface Troubled {
  readonly fact: ReceivedFact;
  readonly kind: QuarantinedFact['kind'];
  readonly reason: string;
  /** Whether the table `fact` has it; it has none that contradicts a stored one. */
  readonly inFact: boolean;
}

interface QuarantineRow {
  id: string;
  subject: string;
  author: string | null;
  kind: QuarantinedFact['kind'];
  reason: string;
  /** Null if they are not kept. */
  bytes: Buffer | null;
  received_at: Date;
}

/**
 * Quarantines facts that cannot become part of a record, each once however often it is delivered, and reports them. Bytes that
 * are in the table `fact` are not stored again, and bytes beyond the author's budget are not stored at all.
 * @returns those that were not in quarantine yet
 */
export async function quarantine(
  tx: EntityManager,
  troubled: readonly Troubled[],
  budget: QuarantineBudget,
): Promise<Troubled[]> {
  const added: Troubled[] = [];
  for (const { fact, kind, reason: why, inFact } of troubled) {
    const factId = inFact && fact.author !== null ? fact.id : undefined;
    const bytes = factId === undefined && budget.keeps(fact) ? Buffer.from(fact.bytes) : null;
    const reason = budget.keeps(fact) ? cleanText(why, 500) : `${cleanText(why, 300)}; ${BYTES_NOT_KEPT}`;
    const rows = await tx.query<{ id: string }[]>(
      `insert into quarantine (subject, author, kind, digest, reason, bytes, fact_id) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict on constraint quarantine_once do nothing returning id`,
      [fact.subject, fact.author, kind, digestOf(fact), reason, bytes, factId ?? null],
    );
    if (!rows[0]) continue;
    added.push({ fact, kind, reason, inFact });
    const detail = { quarantineId: Number(rows[0].id), subject: fact.subject, reason };
    await noteIntegrity(tx, kind, fact.author, detail);
  }
  return added;
}

/** One page of quarantined facts, newest first. */
export async function pageOfQuarantine(
  database: DataSource,
  input: InputOf<typeof listQuarantine>,
): Promise<OutputOf<typeof listQuarantine>> {
  const after = input.cursor === undefined ? undefined : decodeNumberCursor(input.cursor);
  const rows = await database.query<QuarantineRow[]>(
    'select * from quarantine where resolved_at is null and ($1::bigint is null or id < $1) order by id desc limit $2',
    [after ?? null, input.limit + 1],
  );
  return pageOf(rows, input.limit, (row) => ['', row.id], showQuarantined);
}

/** Retries a quarantined fact, which a newer release may understand. @throws ProblemError 404 */
export function retryQuarantined(database: DataSource, id: number): Promise<OutputOf<typeof retryQuarantine>> {
  return database.transaction(async (tx) => {
    const [row] = await tx.query<QuarantineRow[]>(
      `select q.id, q.subject, q.author, q.kind, q.reason, q.received_at, coalesce(q.bytes, f.bytes) as bytes
         from quarantine q left join fact f on f.author = q.author and f.id = q.fact_id
        where q.id = $1 and q.resolved_at is null for update of q`,
      [id],
    );
    if (!row) throw notFound('quarantined fact', String(id));
    if (row.kind === 'conflict' || row.bytes === null) return { resolved: false, reason: row.reason };
    const fact = readFact(row.subject, row.bytes, row.received_at);
    const rejected = fact.trouble === undefined ? await applyFacts(tx, [fact]) : [];
    const reason = fact.trouble ?? rejected.find((one) => one.fact === fact)?.reason ?? null;
    const others = rejected.filter((one) => one.fact !== fact).map((one) => ({ ...one, inFact: true }));
    await quarantine(tx, others, await QuarantineBudget.of(tx, []));
    if (reason === null) await tx.query('update quarantine set resolved_at = now() where id = $1', [id]);
    return { resolved: reason === null, reason };
  });
}

const showQuarantined = (row: QuarantineRow): QuarantinedFact => ({
  id: Number(row.id),
  subject: row.subject,
  author: row.author,
  kind: row.kind,
  reason: row.reason,
  receivedAt: row.received_at.toISOString(),
});
