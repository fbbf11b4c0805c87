import type { IntegrityKind } from '@sluice/contracts';
import type { EntityManager } from 'typeorm';

/** Notes that something is wrong with an author's facts; `what` tells one finding from another of the same kind. It is published later. */
export async function noteIntegrity(
  tx: EntityManager,
  kind: IntegrityKind,
  author: string | null,
  what: string,
  detail: Record<string, unknown>,
): Promise<void> {
  await tx.query(
    `insert into integrity (kind, author, what, detail) values ($1, $2, $3, $4) on conflict on constraint integrity_once do nothing`,
    [kind, author ?? '', what, JSON.stringify(detail)],
  );
}

/** The minute we are in: findings that others can cause at will are noted once a minute for each author. */
export const thisMinute = (): number => Math.floor(Date.now() / 60_000);
