import type { Change } from '../change/change.js';

/**
 * Ends all logins of an account, or all but one. Tokens are invalid at once; certificates and sessions end when the relays
 * have applied the revocation. The logins stay ended even if the account is resumed later.
 */
export async function endLoginsOf(change: Change, accountId: string, exceptLoginId?: string): Promise<void> {
  const [ended] = await change.tx.query<[{ id: string }[], number]>(
    `update login set ended_at = now()
      where account_id = $1 and ended_at is null and expires_at > now() and id is distinct from $2::uuid returning id`,
    [accountId, exceptLoginId ?? null],
  );
  for (const { id } of ended) await change.touch('revoked', id);
}

/** Revokes everything that an account can sign in or connect with, except its password: its logins and a one-time code. */
export async function revokeCredentials(change: Change, accountId: string): Promise<void> {
  await endLoginsOf(change, accountId);
  await change.tx.query('delete from reset_code where account_id = $1', [accountId]);
}
