import type { EntityManager } from 'typeorm';

/** Notes which authorities came with the last certificate of a node or login, and how long it is valid. */
export async function noteCertified(
  tx: EntityManager,
  table: 'node' | 'login',
  id: string,
  { accepted, expiresAt }: { readonly accepted: readonly string[]; readonly expiresAt: Date },
): Promise<void> {
  await tx.query(`update ${table} set authorities = $2, certified_until = $3 where id = $1`, [id, accepted, expiresAt]);
}
