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
 * Restores access when no administrator can sign in any more, for operators of the registry's machine. It resumes the
 * administrator if suspended, and creates a one-time code for setting a new password. The activity names the machine's user.
 * @param email the administrator, who must be named because their password and logins end
 * @throws Error that lists the administrators, if the e-mail names none of them
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
