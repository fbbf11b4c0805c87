import type { Schemas } from '@sluice/sdk';
import { minor, whole } from '../terminal/fit-columns.js';
import type { Output } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

/** Prints the logins of the caller or of a user. */
export const printLogins = (out: Output, logins: readonly Schemas['LoginInfo'][]): void =>
  out.list(logins, {
    head: [whole('LOGIN'), 'SIGNED IN', minor('FROM', 3), minor('LAST USED', 1), minor('FROM', 4), minor('UNTIL', 2), ''],
    row: (login) => [
      login.id,
      showTime(login.createdAt),
      login.address,
      showTime(login.lastUsedAt),
      login.lastUsedAddress,
      showTime(login.expiresAt),
      login.current ? 'this one' : ' ',
    ],
    empty: 'There are no logins.',
    csv: ['id', 'createdAt', 'address', 'lastUsedAt', 'lastUsedAddress', 'expiresAt', 'current'],
  });
