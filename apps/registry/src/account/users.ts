import { randomUUID } from 'node:crypto';
import { addUser, type InputOf, listUsers, notFound, type OutputOf, type User } from '@sluice/contracts';
import { accept, type Outcome, refuse } from '@sluice/domain';
import { decodeCursor, pageOf, violatedConstraint } from '@sluice/persistence';
import { type DataSource, type EntityManager, Not } from 'typeorm';
import { z } from 'zod';
import { type Change, versionConflict } from '../change/change.js';
import { accepted, refusedBy } from '../change/refused.js';
import { AccountTable, type AccountRow } from './account.table.js';
import { revokeCredentials } from './revoke-credentials.js';
import { hashPassword, makePassword, parsePassword } from './password.js';

/** Checks an e-mail address, and normalizes it for storage. */
export function parseEmail(text: string): Outcome<string> {
  const email = text.normalize('NFC').trim();
  if (email.length > 254 || !z.email().safeParse(email).success)
    return refuse('email_invalid', 'this is not an e-mail address', 'email', text);
  return accept(email);
}

/** Adds a user. If no password is given, one is generated and returned, which is the only time that it is shown. */
export async function addUserTo(change: Change, input: InputOf<typeof addUser>): Promise<OutputOf<typeof addUser>> {
  const email = accepted(parseEmail(input.email));
  const made = input.password === undefined ? makePassword() : undefined;
  const passwordHash = await hashPassword(made ?? accepted(parsePassword(input.password ?? '', email)));
  const row: AccountRow = {
    id: randomUUID(),
    version: 1,
    email,
    apiRole: input.apiRole,
    passwordHash,
    status: 'active',
    createdAt: new Date(),
    deletedAt: null,
  };
  try {
    await change.tx.getRepository(AccountTable).insert(row);
  } catch (error) {
    throw emailTaken(error, email);
  }
  const user = showUser(row, []);
  await change.record('added', { kind: 'user', id: row.id, name: email }, null, user);
  await change.touch('account', row.id);
  return made === undefined ? user : { ...user, password: made };
}

/** Key of the advisory lock held while an administrator is removed or demoted, so that two administrators cannot remove each other. */
export const ADMINISTRATORS_LOCK = 7222;

/** @throws ProblemError when this is the last active administrator */
export async function assertNotLastAdministrator(tx: EntityManager, row: AccountRow): Promise<void> {
  if (row.apiRole !== 'administrator' || row.status !== 'active') return;
  const others = { apiRole: 'administrator', status: 'active', id: Not(row.id) } as const;
  if (await tx.getRepository(AccountTable).existsBy(others)) return;
  const message = `${row.email} is the last active administrator: add or resume another first`;
  throw refusedBy({ code: 'last_administrator', message, field: 'id', value: row.email });
}

/** Suspends, resumes or deletes a user. Relays end the sessions of the user once they have applied the policy. */
export async function setUserStatus(
  change: Change,
  input: { id: string; version: number },
  status: AccountRow['status'],
  verb: string,
): Promise<User> {
  if (status !== 'active') await change.tx.query('select pg_advisory_xact_lock($1)', [ADMINISTRATORS_LOCK]);
  const repository = change.tx.getRepository(AccountTable);
  const row = await repository.findOne({ where: { id: input.id }, lock: { mode: 'pessimistic_write' } });
  if (!row || row.status === 'deleted') throw notFound('user', input.id);
  if (row.version !== input.version) throw versionConflict('user', input.version, row.version);
  if (status !== 'active') await assertNotLastAdministrator(change.tx, row);
  const roles = await rolesOf(change.tx, [row.id]);
  const before = showUser(row, roles.get(row.id) ?? []);
  const after = { ...row, status, version: row.version + 1 };
  await repository.update(
    { id: row.id },
    { status, version: after.version, ...(status === 'deleted' && { deletedAt: () => 'now()' }) },
  );
  await change.record(
    verb,
    { kind: 'user', id: row.id, name: row.email },
    before,
    status === 'deleted' ? null : showUser(after, before.roles),
  );
  await change.touch('revoked', row.id);
  if (status !== 'active') await revokeCredentials(change, row.id); // after the account's revocation, so that sessions end with that reason
  await change.touch('account', row.id);
  return showUser({ ...after, status: status === 'deleted' ? 'suspended' : status }, before.roles);
}

/** One user. @throws ProblemError 404 */
export async function findUser(tx: EntityManager, id: string): Promise<User> {
  const row = await tx.getRepository(AccountTable).findOneBy({ id });
  if (!row || row.status === 'deleted') throw notFound('user', id);
  return showUser(row, (await rolesOf(tx, [id])).get(id) ?? []);
}

/** Turns a violation of the unique e-mail into a problem; returns other errors unchanged. */
export const emailTaken = (error: unknown, email: string): unknown =>
  violatedConstraint(error) === 'account_email_unique'
    ? refusedBy({ code: 'email_taken', message: 'there is a user with this e-mail already', field: 'email', value: email })
    : error;

/** One page of users, by e-mail. */
export async function pageOfUsers(database: DataSource, input: InputOf<typeof listUsers>): Promise<OutputOf<typeof listUsers>> {
  const query = database.getRepository(AccountTable).createQueryBuilder('a').where("a.status <> 'deleted'");
  if (input.email !== undefined) query.andWhere('lower(a.email) = lower(:email)', { email: input.email });
  const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor, { id: 'uuid' });
  if (after) query.andWhere('(lower(a.email), a.id) > (:key, :id::uuid)', { key: after[0], id: after[1] });
  const rows = await query
    .orderBy('lower(a.email)')
    .addOrderBy('a.id')
    .limit(input.limit + 1)
    .getMany();
  const roles = await rolesOf(
    database.manager,
    rows.map((row) => row.id),
  );
  return pageOf(
    rows,
    input.limit,
    (row) => [row.email.toLowerCase(), row.id],
    (row) => showUser(row, roles.get(row.id) ?? []),
  );
}

async function rolesOf(tx: EntityManager, accountIds: string[]): Promise<Map<string, User['roles']>> {
  const rows = await tx.query<{ account_id: string; id: string; name: string }[]>(
    'select ra.account_id, r.id, r.name from role_account ra join role r on r.id = ra.role_id where ra.account_id = any($1) order by r.name_key',
    [accountIds],
  );
  const roles = new Map<string, User['roles']>();
  for (const row of rows) roles.set(row.account_id, [...(roles.get(row.account_id) ?? []), { id: row.id, name: row.name }]);
  return roles;
}

function showUser(row: AccountRow, roles: User['roles']): User {
  const status = row.status === 'active' ? 'active' : 'suspended';
  return {
    id: row.id,
    version: row.version,
    email: row.email,
    apiRole: row.apiRole,
    status,
    roles,
    createdAt: row.createdAt.toISOString(),
  };
}
