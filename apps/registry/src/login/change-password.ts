import { type InputOf, notFound, type OutputOf, resetPassword } from '@sluice/contracts';
import { hashSecret, makeSecret } from '@sluice/identity';
import { type DataSource, Not } from 'typeorm';
import { AccountTable } from '../account/account.table.js';
import { hashPassword, parsePassword } from '../account/password.js';
import { endLoginsOf, shutOut } from '../account/shut-out.js';
import type { Change } from '../change/change.js';
import { accepted, refusedBy } from '../change/refused.js';
import { assertUnchanged, type Candidate } from './candidate.js';

const CODE_LIFETIME_MS = 24 * 3600 * 1000;

/** An account whose password changes. */
interface Owner {
  readonly id: string;
  readonly email: string;
}

/** What is stored of a new password. Not within a transaction: it takes a while. @throws ProblemError where the password is too easily guessed */
export const hashNewPassword = (password: string, owner: Owner): Promise<string> =>
  hashPassword(accepted(parsePassword(password, owner.email)));

/**
 * Puts a new password in the place of the one that was checked; every login but the one that asks ends.
 * @throws ProblemError 401 where the account was reset, suspended or changed since that check
 */
export async function putPassword(change: Change, owner: Candidate, passwordHash: string, loginId: string): Promise<void> {
  await assertUnchanged(change.tx, owner);
  await change.tx.getRepository(AccountTable).update({ id: owner.id }, { passwordHash });
  await endLoginsOf(change, owner.id, loginId);
  await change.record('password-changed', userOf(owner), null, null);
}

/** Sets a password with a one-time code, which is used up. @throws ProblemError 404 when somebody else was faster */
export async function useCode(change: Change, owner: Candidate, passwordHash: string): Promise<void> {
  await assertUnchanged(change.tx, owner);
  const [used] = await change.tx.query<[unknown[], number]>(
    'delete from reset_code where account_id = $1 and code_hash = $2 returning 1',
    [owner.id, owner.codeHash],
  );
  if (used.length === 0) throw notFound('one-time code for', owner.email);
  await change.tx.getRepository(AccountTable).update({ id: owner.id }, { passwordHash });
  await endLoginsOf(change, owner.id);
  await change.record('password-set', userOf(owner), null, null);
}

/** Takes the password of an account away, ends its logins, and makes a one-time code to set a new one with, good for a day. */
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
  await shutOut(change, id);
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

/** The e-mail of an account that was not deleted. @throws ProblemError 404 */
export async function ownerOf(database: DataSource, id: string): Promise<Owner> {
  const owner = await database.getRepository(AccountTable).findOneBy({ id, status: Not('deleted') });
  if (!owner) throw notFound('user', id);
  return owner;
}
