import { type InputOf, notFound, type updateUser, type User } from '@sluice/contracts';
import { type Change, versionConflict } from '../change/change.js';
import { accepted } from '../change/refused.js';
import { AccountTable } from './account.table.js';
import { ADMINISTRATORS_LOCK, assertNotLastAdministrator, emailTaken, findUser, parseEmail } from './users.js';

/** Changes a user's e-mail or API role. Records of their sessions keep the e-mail that they had then. */
export async function updateUserIn(change: Change, asked: InputOf<typeof updateUser>): Promise<User> {
  const { tx } = change;
  const demotes = asked.apiRole !== undefined && asked.apiRole !== 'administrator';
  if (demotes) await tx.query('select pg_advisory_xact_lock($1)', [ADMINISTRATORS_LOCK]);
  const repository = tx.getRepository(AccountTable);
  const row = await repository.findOne({ where: { id: asked.id }, lock: { mode: 'pessimistic_write' } });
  if (!row || row.status === 'deleted') throw notFound('user', asked.id);
  if (row.version !== asked.version) throw versionConflict('user', asked.version, row.version);
  if (demotes) await assertNotLastAdministrator(tx, row);
  const before = await findUser(tx, row.id);
  const email = asked.email === undefined ? row.email : accepted(parseEmail(asked.email));
  await repository
    .update({ id: row.id }, { email, apiRole: asked.apiRole ?? row.apiRole, version: row.version + 1 })
    .catch((error: unknown) => {
      throw emailTaken(error, email);
    });
  const user = await findUser(tx, row.id);
  await change.record('updated', { kind: 'user', id: row.id, name: email }, before, user);
  await change.touch('account', row.id);
  return user;
}
