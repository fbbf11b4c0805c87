import { z } from 'zod';
import { ADMINISTRATORS, EVERYONE, Id, Nothing, operation } from '../operation.js';
import { Withdrawn, withReach } from './reach.js';

const newPassword = z.string().max(1000).meta({ description: '12 to 128 characters, and not easy to guess; normalized to NFKC' });

export const changePassword = operation({
  id: 'me.change-password',
  owner: 'registry',
  callers: EVERYONE,
  summary: 'Change my password; my other logins end',
  method: 'POST',
  path: '/me/password',
  budget: 60,
  input: z.strictObject({ oldPassword: z.string().max(1000), newPassword }),
  output: Withdrawn,
  awaitsRelays: true,
});

export const setPassword = operation({
  id: 'passwords.set',
  owner: 'registry',
  callers: 'anybody',
  summary: 'Set a new password with a one-time code from an administrator',
  method: 'POST',
  path: '/passwords',
  input: z.strictObject({ email: z.string().max(1000), code: z.string().max(1000), newPassword }),
  output: Nothing,
});

export const resetPassword = operation({
  id: 'users.reset-password',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Invalidate the password of a user, end their logins, and create a one-time code to set a new password; shown once',
  method: 'POST',
  path: '/users/{id}/password-reset',
  input: z.strictObject({ id: Id }),
  output: withReach(z.object({ code: z.string(), expiresAt: z.string() }), 'PasswordReset'),
  awaitsRelays: true,
});
