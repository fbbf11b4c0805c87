import { createHash } from 'node:crypto';
import {
  type InputOf,
  type IntegrityKind,
  listQuarantine,
  notFound,
  type OutputOf,
  type QuarantinedFact,
  retryQuarantine,
} from '@sluice/contracts';
import { decodeCursor, pageOf } from '@sluice/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { readFact, type ReceivedFact } from '../fact/read-fact.js';
import { noteIntegrity } from '../integrity/note-integrity.js';
import { applyFacts } from '../record/apply-facts.js';

/** A fact that could not become a record, and why. */
export interface Troubled {
  readonly fact: ReceivedFact;
  readonly kind: Extract<IntegrityKind, 'quarantined' | 'conflict'>;
  readonly reason: string;
}

interface QuarantineRow {
  id: string;
  subject: string;
  author: string | null;
  kind: QuarantinedFact['kind'];
  reason: string;
  bytes: Buffer;
  received_at: Date;
}

/**
 * Keeps facts that could not become records, each once however often it is delivered, and reports them.
 * @returns those that were not there yet
 */
export async function quarantine(
  tx: EntityManager,
  troubled: readonly Troubled[],
): Promise<{ subject: string; kind: string; reason: string }[]> {
  const added = [];
  for (const { fact, kind, reason } of troubled) {
    const digest = createHash('sha256').update(fact.bytes).digest();
    const rows = await tx.query<{ id: string }[]>(
      `insert into quarantine (subject, author, kind, digest, reason, bytes) values ($1, $2, $3, $4, $5, $6)
       on conflict on constraint quarantine_once do nothing returning id`,
      [fact.subject, fact.author, kind, digest, reason.slice(0, 500), Buffer.from(fact.bytes)],
    );
    if (!rows[0]) continue;
    added.push({ subject: fact.subject, kind, reason });
    const detail = { quarantineId: Number(rows[0].id), subject: fact.subject, reason };
    await noteIntegrity(tx, kind, fact.author, detail);
  }
  return added;
}

/** One page of what is in quarantine, newest first. */
export async function pageOfQuarantine(
  database: DataSource,
  input: InputOf<typeof listQuarantine>,
): Promise<OutputOf<typeof listQuarantine>> {
  const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor)[1];
  const rows = await database.query<QuarantineRow[]>(
    'select * from quarantine where resolved_at is null and ($1::bigint is null or id < $1) order by id desc limit $2',
    [after ?? null, input.limit + 1],
  );
  return pageOf(rows, input.limit, (row) => ['', row.id], showQuarantined);
}

/** Tries again to make a record of a quarantined fact: after an upgrade it may be understood. @throws ProblemError 404 */
export function retryQuarantined(database: DataSource, id: number): Promise<OutputOf<typeof retryQuarantine>> {
  return database.transaction(async (tx) => {
    const [row] = await tx.query<QuarantineRow[]>('select * from quarantine where id = $1 and resolved_at is null for update', [
      id,
    ]);
    if (!row) throw notFound('quarantined fact', String(id));
    const fact = readFact(row.subject, row.bytes);
    if (row.kind === 'conflict') return { resolved: false, reason: row.reason };
    const reason = fact.trouble ?? (await applyFacts(tx, [fact]))[0]?.reason ?? null;
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
