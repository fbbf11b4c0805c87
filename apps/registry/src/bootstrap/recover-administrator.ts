import { randomUUID } from 'node:crypto';
import type { OutputOf, resetPassword } from '@sluice/contracts';
import { type DataSource, Not } from 'typeorm';
import { AccountTable } from '../account/account.table.js';
import { setUserStatus } from '../account/users.js';
import { makeChange } from '../change/change.js';
import { resetPasswordOf } from '../login/change-password.js';

/** A one-time code for an administrator. */
export interface Recovered extends OutputOf<typeof resetPassword> {
  readonly email: string;
}

/**
 * The way in for whoever has the registry's machine, when no administrator can sign in any more: resumes an administrator
 * who is suspended, and makes a one-time code to set a new password with. The activity names the machine's user.
 * @param email whose password and logins end, so it is never guessed
 * @throws Error that lists the administrators, where it names none of them
 */
export async function recoverAdministrator(database: DataSource, email: string | undefined, osUser: string): Promise<Recovered> {
  const all = await database.getRepository(AccountTable).find({
    where: { apiRole: 'administrator', status: Not('deleted') },
    order: { email: 'asc' },
  });
  const named = email?.normalize('NFC').trim().toLowerCase();
  const administrator = all.find((one) => one.email.toLowerCase() === named);
  if (!administrator)
    throw new Error(`name one of the administrators with --email: ${all.map((one) => one.email).join(', ') || 'there are none'}`);
  return makeChange(database, { id: 'machine', email: osUser }, randomUUID(), async (change) => {
    if (administrator.status === 'suspended') await setUserStatus(change, administrator, 'active', 'resumed');
    return { email: administrator.email, ...(await resetPasswordOf(change, administrator)) };
  });
}
