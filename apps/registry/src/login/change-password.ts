import { type InputOf, notFound, type OutputOf, resetPassword } from '@sluice/contracts';
import { hashSecret, makeSecret } from '@sluice/identity';
import { type DataSource, Not } from 'typeorm';
import { AccountTable } from '../account/account.table.js';
import { hashPassword, parsePassword } from '../account/password.js';
import { endLoginsOf, revokeCredentials } from '../account/revoke-credentials.js';
import type { Change } from '../change/change.js';
import { accepted, refusedBy } from '../change/refused.js';
import { assertUnchanged, type Candidate } from './candidate.js';

const CODE_LIFETIME_MS = 24 * 3600 * 1000;

/** An account whose password changes. */
interface Owner {
  readonly id: string;
  readonly email: string;
}

/** Hashes a new password. Call it outside of a transaction, because it takes a while. @throws ProblemError if the password is too easily guessed */
export const hashNewPassword = (password: string, owner: Owner): Promise<string> =>
  hashPassword(accepted(parsePassword(password, owner.email)));

/**
 * Replaces the password that was checked with a new one, and ends every login except the caller's.
 * @throws ProblemError 401 if the account was reset, suspended or changed since that check
 */
export async function putPassword(change: Change, owner: Candidate, passwordHash: string, loginId: string): Promise<void> {
  await assertUnchanged(change.tx, owner);
  await change.tx.getRepository(AccountTable).update({ id: owner.id }, { passwordHash });
  await endLoginsOf(change, owner.id, loginId);
  await change.record('password-changed', userOf(owner), null, null);
}

/** Sets a password with a one-time code, which can be used once. @throws ProblemError 404 if it was used meanwhile */
export async function useCode(change: Change, owner: Candidate, passwordHash: string): Promise<void> {
  await assertUnchanged(change.tx, owner);
  const [used] = await change.tx.query<[unknown[], number]>(
    'update reset_code set used_at = now() where account_id = $1 and code_hash = $2 and used_at is null returning 1',
    [owner.id, owner.codeHash],
  );
  if (used.length === 0) throw notFound('one-time code for', owner.email);
  await change.tx.getRepository(AccountTable).update({ id: owner.id }, { passwordHash });
  await endLoginsOf(change, owner.id);
  await change.record('password-set', userOf(owner), null, null);
}

/** Removes the password of an account, ends its logins, and creates a one-time code for setting a new password, valid for a day. */
export async function resetPasswordOf(
  change: Change,
  { id }: Pick<InputOf<typeof resetPassword>, 'id'>,
): Promise<OutputOf<typeof resetPassword>> {
  const accounts = change.tx.getRepository(AccountTable);
  const account = await accounts.findOne({ where: { id, status: Not('deleted') }, lock: { mode: 'pessimistic_write' } });
  if (!account) throw notFound('user', id);
  if (account.status === 'suspended')
    throw refusedBy({
      code: 'account_suspended',
      message: `${account.email} is suspended: resume the account first`,
      field: 'id',
      value: account.email,
    });
  const code = makeSecret('slr');
  const expiresAt = new Date(Date.now() + CODE_LIFETIME_MS);
  await revokeCredentials(change, id);
  await accounts.update({ id }, { passwordHash: null });
  await change.tx.query('insert into reset_code (account_id, code_hash, expires_at) values ($1, $2, $3)', [
    id,
    hashSecret(code),
    expiresAt,
  ]);
  await change.record('password-reset', userOf({ id, email: account.email }), null, { expiresAt });
  return { code, expiresAt: expiresAt.toISOString() };
}

const userOf = ({ id, email }: Owner) => ({ kind: 'user', id, name: email });

/** Id and e-mail of an account that is not deleted. @throws ProblemError 404 */
export async function ownerOf(database: DataSource, id: string): Promise<Owner> {
  const owner = await database.getRepository(AccountTable).findOneBy({ id, status: Not('deleted') });
  if (!owner) throw notFound('user', id);
  return owner;
}
