import type { IntegrityKind } from '@sluice/contracts';
import type { EntityManager } from 'typeorm';

/**
 * Notes that something is wrong with an author's facts; it is published later. Authors can cause findings at will, so of each
 * kind and author there are two rows a minute at most: the first finding, which is published at once, and one for all
 * others, with how many there were and the first and last of them, when the minute is over.
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
    [kind, author ?? '', JSON.stringify(detail)],
  );
}
