import { randomUUID } from 'node:crypto';
import { type Actor, type InputOf, logIn, type OutputOf, ProblemError, unauthenticated } from '@sluice/contracts';
import { hashSecret, makeSecret } from '@sluice/identity';
import type { DataSource } from 'typeorm';
import type { AccountRow } from '../account/account.table.js';
import { AccountTable } from '../account/account.table.js';
import { hashPassword, isPassword } from '../account/password.js';
import type { Change } from '../change/change.js';
import type { FailedLogins } from './failed-logins.js';

const LOGIN_LIFETIME_MS = 12 * 3600 * 1000;
/** Hashed when there is no such account, so that the answer takes as long as for a wrong password. */
const nobodysHash = hashPassword(randomUUID());

/** Checks e-mail and password. @throws ProblemError 401 without saying which was wrong; 429 after too many failures. */
export async function checkPassword(
  database: DataSource,
  failed: FailedLogins,
  input: InputOf<typeof logIn>,
): Promise<AccountRow> {
  failed.check(input.email);
  const account = await database
    .getRepository(AccountTable)
    .createQueryBuilder('a')
    .where("lower(a.email) = lower(:email) and a.status <> 'deleted'", { email: input.email.normalize('NFC').trim() })
    .getOne();
  const right = await isPassword(account?.passwordHash ?? (await nobodysHash), input.password);
  if (!account || !right) {
    failed.note(input.email);
    throw new ProblemError(401, 'wrong_credentials', 'the e-mail or the password is wrong');
  }
  if (account.status === 'suspended')
    throw new ProblemError(403, 'account_suspended', 'this account is suspended; an administrator can resume it');
  failed.forget(input.email);
  return account;
}

/** Opens a login of twelve hours for an account whose password was checked. */
export async function openLogin(change: Change, account: AccountRow): Promise<OutputOf<typeof logIn>> {
  const token = makeSecret('slt');
  const loginId = randomUUID();
  const expiresAt = new Date(Date.now() + LOGIN_LIFETIME_MS);
  await change.tx.query('insert into login (id, account_id, token_hash, expires_at) values ($1, $2, $3, $4)', [
    loginId,
    account.id,
    hashSecret(token),
    expiresAt,
  ]);
  await change.record('opened', { kind: 'login', id: loginId, name: account.email }, null, { expiresAt });
  return {
    token,
    loginId,
    expiresAt: expiresAt.toISOString(),
    account: { id: account.id, email: account.email, apiRole: account.apiRole },
  };
}

/** Ends a login: its token at once, its certificates and sessions when the relays have heard. */
export async function endLogin(change: Change, actor: Actor): Promise<void> {
  await change.tx.query('update login set ended_at = now() where id = $1 and ended_at is null', [actor.loginId]);
  await change.record('ended', { kind: 'login', id: actor.loginId, name: actor.email }, null, null);
  await change.touch('revoked', actor.loginId);
}

/** When a login ends by itself. @throws ProblemError 401 when it has ended */
export async function loginExpiry(database: DataSource, loginId: string): Promise<Date> {
  const [row] = await database.query<{ expires_at: Date }[]>(
    'select expires_at from login where id = $1 and ended_at is null and expires_at > now()',
    [loginId],
  );
  if (!row) throw unauthenticated('this login is not valid any more: sign in again');
  return row.expires_at;
}

/** Finds out whose token it is. @throws ProblemError 401, or 403 for a suspended account. */
export async function actorOfToken(database: DataSource, token: string | undefined): Promise<Actor> {
  if (token === undefined) throw unauthenticated();
  const [row] = await database.query<
    { login_id: string; account_id: string; email: string; api_role: Actor['apiRole']; status: string }[]
  >(
    `select l.id as login_id, a.id as account_id, a.email, a.api_role, a.status
       from login l join account a on a.id = l.account_id
      where l.token_hash = $1 and l.ended_at is null and l.expires_at > now() and a.status <> 'deleted'`,
    [hashSecret(token)],
  );
  if (!row) throw unauthenticated('this login is not valid any more: sign in again');
  if (row.status !== 'active')
    throw new ProblemError(403, 'account_suspended', 'this account is suspended; an administrator can resume it');
  return { accountId: row.account_id, email: row.email, loginId: row.login_id, apiRole: row.api_role };
}
