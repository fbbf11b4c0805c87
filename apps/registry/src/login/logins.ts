import { randomUUID } from 'node:crypto';
import { type Actor, type logIn, notFound, type OutputOf, ProblemError, tooMany, unauthenticated } from '@sluice/contracts';
import { addressKey } from '@sluice/domain';
import { hashSecret, makeSecret } from '@sluice/identity';
import type { DataSource } from 'typeorm';
import type { Change } from '../change/change.js';
import { assertUnchanged, type Candidate } from './candidate.js';

const LOGIN_LIFETIME_MS = 12 * 3600 * 1000;
/** How many logins an account may open per hour. Each lasts for twelve hours, and all must be revoked when the account is suspended. */
const MAX_PER_HOUR = 300;
/** How many addresses of an account are remembered. */
const KNOWN_ADDRESSES = 20;

/**
 * Opens a login of twelve hours for an account whose password was checked.
 * @throws ProblemError 401 if the account was reset, suspended or changed since that check, 429 if it has opened too many
 */
export async function openLogin(
  change: Change,
  account: Candidate,
  clientAddress: string | undefined,
): Promise<OutputOf<typeof logIn>> {
  await assertUnchanged(change.tx, account);
  await assertNotFull(change, account);
  const token = makeSecret('slt');
  const loginId = randomUUID();
  const expiresAt = new Date(Date.now() + LOGIN_LIFETIME_MS);
  await change.tx.query('insert into login (id, account_id, token_hash, expires_at, address) values ($1, $2, $3, $4, $5)', [
    loginId,
    account.id,
    hashSecret(token),
    expiresAt,
    clientAddress ?? null,
  ]);
  await rememberAddress(change, account.id, addressKey(clientAddress));
  await change.record('opened', { kind: 'login', id: loginId, name: account.email }, null, {
    expiresAt,
    address: clientAddress ?? null,
  });
  return {
    token,
    loginId,
    expiresAt: expiresAt.toISOString(),
    account: { id: account.id, email: account.email, apiRole: account.apiRole },
  };
}

/** @throws ProblemError 429 when an account has reached its limit. The account's row is locked, so that no other login is opened meanwhile */
async function assertNotFull(change: Change, { id, email }: Candidate): Promise<void> {
  const [oldest] = await change.tx.query<{ wait: number }[]>(
    `select extract(epoch from created_at + interval '1 hour' - now())::int as wait from login
      where account_id = $1 and created_at > now() - interval '1 hour' order by created_at desc, id desc offset $2 limit 1`,
    [id, MAX_PER_HOUR - 1],
  );
  if (!oldest) return;
  const message = `${email} has signed in ${MAX_PER_HOUR} times within an hour; a login lasts twelve hours, so use one of them`;
  throw tooMany('too_many_logins', message, Math.max(1, oldest.wait));
}

/** Remembers the latest addresses from which an account signed in. */
async function rememberAddress(change: Change, accountId: string, address: string): Promise<void> {
  await change.tx.query(
    'insert into known_address (account_id, address) values ($1, $2) on conflict (account_id, address) do update set last_at = now()',
    [accountId, address],
  );
  await change.tx.query(
    `delete from known_address where account_id = $1
        and address not in (select address from known_address where account_id = $1 order by last_at desc limit $2)`,
    [accountId, KNOWN_ADDRESSES],
  );
}

/**
 * Ends a login of an account. Its token is invalid at once; its certificates and sessions end when the relays have applied it.
 * @throws ProblemError 404 if the account has no such login
 */
export async function endLogin(change: Change, owner: { id: string; email: string }, loginId: string): Promise<void> {
  const [ended] = await change.tx.query<[unknown[], number]>(
    'update login set ended_at = now() where id = $1 and account_id = $2 and ended_at is null and expires_at > now() returning id',
    [loginId, owner.id],
  );
  if (ended.length === 0) throw notFound('login', loginId);
  await change.record('ended', { kind: 'login', id: loginId, name: owner.email }, null, null);
  await change.touch('revoked', loginId);
}

/** When a login expires. @throws ProblemError 401 if it has ended */
export async function loginExpiry(database: DataSource, loginId: string): Promise<Date> {
  const [row] = await database.query<{ expires_at: Date }[]>(
    'select expires_at from login where id = $1 and ended_at is null and expires_at > now()',
    [loginId],
  );
  if (!row) throw unauthenticated('this login is not valid any more: sign in again');
  return row.expires_at;
}

interface ActorRow {
  login_id: string;
  account_id: string;
  email: string;
  api_role: Actor['apiRole'];
  status: string;
  has_ended: boolean;
  use_is_old: boolean;
}

/** Finds the account and login of a token. @throws ProblemError 401, or 403 for a suspended account */
export async function actorOfToken(
  database: DataSource,
  token: string | undefined,
  clientAddress: string | undefined,
): Promise<Actor> {
  if (token === undefined) throw unauthenticated();
  const [row] = await database.query<ActorRow[]>(
    `select l.id as login_id, a.id as account_id, a.email, a.api_role, a.status, l.ended_at is not null as has_ended,
            coalesce(l.last_used_at < now() - interval '1 minute', true) as use_is_old
       from login l join account a on a.id = l.account_id
      where l.token_hash = $1 and l.expires_at > now() and a.status <> 'deleted'`,
    [hashSecret(token)],
  );
  // a suspension ends all logins, but a request with the token of one should get the reason
  if (row?.status === 'suspended')
    throw new ProblemError(403, 'account_suspended', 'this account is suspended; an administrator can resume it');
  if (!row || row.has_ended) throw unauthenticated('this login is not valid any more: sign in again');
  if (row.use_is_old)
    await database.query(
      'update login set last_used_at = now(), last_used_address = coalesce($2, last_used_address) where id = $1',
      [row.login_id, clientAddress ?? null],
    );
  return { accountId: row.account_id, email: row.email, loginId: row.login_id, apiRole: row.api_role };
}
