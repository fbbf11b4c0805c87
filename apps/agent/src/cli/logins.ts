import { collect, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { nextPage, type SignedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { printLogins } from '../command/print-logins.js';
import { printWithdrawn } from '../command/reach.js';
import type { OutputOptions } from '../terminal/output.js';

/** Adds `sluice logins ...`. */
export function addOwnLoginsCommands(program: Command, signedIn: SignedIn): void {
  const logins = program.command('logins').description('where you are signed in');

  addCommand(logins, 'list', { summary: 'list your logins that have not ended', example: 'logins list' }).action(
    (options: OutputOptions) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        printLogins(
          out,
          await collect((cursor) => unwrap(api.GET('/api/v1/me/logins', { params: { query: nextPage(cursor) } }))),
        );
      }),
  );

  addCommand(logins, 'end', {
    summary: 'end one of your logins, with its certificates and sessions',
    example: 'logins end 0b7f6a52-8a65-4a30-8d7c-6c1d2a6f1f10',
  })
    .argument('<id>', 'id of the login, as `sluice logins list` shows it')
    .action((id: string, options: OutputOptions) =>
      run(options, async ({ out, now }) => {
        now('waiting for the relays');
        const { reach } = await unwrap(signedIn().DELETE('/api/v1/me/logins/{id}', { params: { path: { id } } }));
        printWithdrawn(out, { id, ended: true, reach }, `The login ${id} has ended.`);
      }),
    );
}
