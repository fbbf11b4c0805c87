import type { Schemas } from '@sluice/sdk';
import type { Output } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

/** Prints the logins of the caller or of a user. */
export const printLogins = (out: Output, logins: readonly Schemas['LoginInfo'][]): void =>
  out.list(
    logins,
    ['LOGIN', 'SIGNED IN', 'FROM', 'LAST USED', 'FROM', 'UNTIL', ''],
    (login) => [
      login.id,
      showTime(login.createdAt),
      login.address,
      showTime(login.lastUsedAt),
      login.lastUsedAddress,
      showTime(login.expiresAt),
      login.current ? 'this one' : ' ',
    ],
    'There are no logins.',
  );
