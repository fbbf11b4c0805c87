import type { Change } from '../change/change.js';

/**
 * Ends the logins of an account for good, all of them or all but one: tokens at once, certificates and sessions when the
 * relays have applied it. They stay ended when the account is resumed.
 */
export async function endLoginsOf(change: Change, accountId: string, exceptLoginId?: string): Promise<void> {
  const [ended] = await change.tx.query<[{ id: string }[], number]>(
    `update login set ended_at = now()
      where account_id = $1 and ended_at is null and expires_at > now() and id is distinct from $2::uuid returning id`,
    [accountId, exceptLoginId ?? null],
  );
  for (const { id } of ended) await change.touch('revoked', id);
}

/** Takes away every way in that an account holds, but its password: logins, and a one-time code. */
export async function shutOut(change: Change, accountId: string): Promise<void> {
  await endLoginsOf(change, accountId);
  await change.tx.query('delete from reset_code where account_id = $1', [accountId]);
}
