import { type IntegrityKind, plainValue } from '@sluice/domain';
import type { EntityManager } from 'typeorm';

/**
 * Notes that something is wrong with an author's facts, to be published as an integrity fact. Authors can cause any number of
 * findings, so each kind and author has at most two rows per minute: one for the first finding, which is published at once,
 * and one for all others of that minute, which is published when the minute is over, with their number and the first and last.
 * Texts of the detail are cleaned here, because it may quote an author and PostgreSQL does not take every text as JSON.
 */
export async function noteIntegrity(
  tx: EntityManager,
  kind: IntegrityKind,
  author: string | null,
  detail: Record<string, unknown>,
): Promise<void> {
  await tx.query(
    `with first as (
       insert into integrity (kind, author, what, detail) values ($1, $2, date_trunc('minute', now())::text, $3)
       on conflict on constraint integrity_once do nothing returning 1)
     insert into integrity (kind, author, what, detail, due_at)
       select $1, $2, date_trunc('minute', now()) || ' more', $3, date_trunc('minute', now()) + interval '1 minute'
        where not exists (select 1 from first)
     on conflict on constraint integrity_once do update set findings = integrity.findings + 1, last = excluded.detail`,
    [kind, author ?? '', JSON.stringify(plainValue(detail))],
  );
}
