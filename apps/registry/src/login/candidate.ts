import { unauthenticated } from '@sluice/contracts';
import type { EntityManager } from 'typeorm';
import type { AccountRow } from '../account/account.table.js';

/** An account as somebody who signs in meets it. */
export interface Candidate {
  readonly id: string;
  readonly email: string;
  readonly apiRole: AccountRow['apiRole'];
  readonly status: AccountRow['status'];
  readonly passwordHash: string | null;
  /** Of a one-time code that is still good. */
  readonly codeHash: string | null;
  /** Whether it has signed in from this address before. */
  readonly known: boolean;
}

/**
 * Holds an account as it was when its password or code was checked, until the transaction ends: a check takes a while, and
 * whoever was reset or suspended meanwhile is not let in by it. @throws ProblemError 401 where it is not the same any more
 */
export async function assertUnchanged(tx: EntityManager, { id, passwordHash }: Candidate): Promise<void> {
  const [same] = await tx.query<unknown[]>(
    "select 1 from account where id = $1 and status = 'active' and password_hash is not distinct from $2 for update",
    [id, passwordHash],
  );
  if (same === undefined) throw unauthenticated('the account was changed a moment ago: sign in again');
}
