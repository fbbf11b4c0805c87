import { unauthenticated } from '@sluice/contracts';
import type { EntityManager } from 'typeorm';
import type { AccountRow } from '../account/account.table.js';

/** An account that somebody tries to sign in to. */
export interface Candidate {
  readonly id: string;
  readonly email: string;
  readonly apiRole: AccountRow['apiRole'];
  readonly status: AccountRow['status'];
  readonly passwordHash: string | null;
  /** Hash of a one-time code that is still valid. */
  readonly codeHash: string | null;
  /** Hash of a one-time code that was used, or has expired. */
  readonly spentCodeHash: string | null;
  readonly codeUsed: boolean;
  /** Whether the account has signed in from this address before. */
  readonly known: boolean;
}

/**
 * Locks an account until the transaction ends, after making sure that it has not changed since its password or code was
 * checked. A check takes a while, and must not admit an account that was reset or suspended meanwhile.
 * @throws ProblemError 401 if the account has changed
 */
export async function assertUnchanged(tx: EntityManager, { id, passwordHash }: Candidate): Promise<void> {
  const [same] = await tx.query<unknown[]>(
    "select 1 from account where id = $1 and status = 'active' and password_hash is not distinct from $2 for update",
    [id, passwordHash],
  );
  if (same === undefined) throw unauthenticated('the account was changed a moment ago: sign in again');
}
