import { collect, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { nextPage, type SignedIn, userNamed } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { printLogins } from '../command/print-logins.js';
import { printWithdrawn } from '../command/reach.js';
import type { OutputOptions } from '../terminal/output.js';

type OfUser = OutputOptions & { user: string };

/** Adds `sluice admin logins ...`. */
export function addAdminLoginCommands(admin: Command, signedIn: SignedIn): void {
  const logins = admin.command('logins').description('where users are signed in');

  addCommand(logins, 'list', { summary: 'list the logins of a user', example: 'admin logins list --user bob@example.com' })
    .requiredOption('--user <email>', 'e-mail or id of the user')
    .action((options: OfUser) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const { id } = await userNamed(api, options.user);
        const url = '/api/v1/users/{id}/logins';
        const all = await collect((cursor) => unwrap(api.GET(url, { params: { path: { id }, query: nextPage(cursor) } })));
        printLogins(out, all);
      }),
    );

  addCommand(logins, 'end', {
    summary: 'end a login of a user: its certificates and sessions end',
    example: 'admin logins end 0b7f6a52-8a65-4a30-8d7c-6c1d2a6f1f10 --user bob@example.com',
  })
    .argument('<id>', 'id of the login, as `sluice admin logins list` shows it')
    .requiredOption('--user <email>', 'e-mail or id of the user whose login it is')
    .action((loginId: string, options: OfUser) =>
      run(options, async ({ out, now }) => {
        const api = signedIn();
        const { id, email } = await userNamed(api, options.user);
        now('waiting for the relays');
        const { reach } = await unwrap(api.DELETE('/api/v1/users/{id}/logins/{loginId}', { params: { path: { id, loginId } } }));
        printWithdrawn(out, { id: loginId, ended: true, reach }, `The login ${loginId} of ${email} has ended.`);
      }),
    );
}
