import { checkServer, collect, createSluiceClient, type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { AgentConfig } from '../config.js';
import { printDone, printJson, printLine, printTable, showTime, UsageError } from './output.js';
import { readNewSecret, readSecret, secretFile } from './secrets.js';
import { nextPage, signedIn, userNamed } from './session.js';

type Run = (json: boolean, work: () => Promise<void>) => Promise<void>;
type Json = { json?: boolean };

/** Adds `sluice passwd` and `sluice logins ...`. */
export function addLoginCommands(program: Command, config: AgentConfig, run: Run): void {
  program
    .command('passwd')
    .description('change your password; with --server and --email, set one with the one-time code of an administrator')
    .option('--server <url>', 'address of a gateway, where a one-time code is used')
    .option('--email <email>', 'whose one-time code it is')
    .option('--password-file <file>', secretFile('the present password, or the one-time code'))
    .option('--new-password-file <file>', secretFile('the new password'))
    .option('--json')
    .action((options: Json & { server?: string; email?: string; passwordFile?: string; newPasswordFile?: string }) =>
      run(options.json === true, async () => {
        const { server, email, passwordFile, newPasswordFile } = options;
        if ((server === undefined) !== (email === undefined)) throw new UsageError('--server and --email go together');
        const byCode = server !== undefined && email !== undefined;
        if (byCode) checkServer(server);
        const api = byCode ? createSluiceClient({ server }) : signedIn(config);
        const secret = await readSecret(byCode ? 'One-time code' : 'Present password', passwordFile);
        const newPassword = await readNewSecret('New password', newPasswordFile);
        if (byCode) await unwrap(api.POST('/api/v1/passwords', { body: { email, code: secret, newPassword } }));
        else await unwrap(api.POST('/api/v1/me/password', { body: { oldPassword: secret, newPassword } }));
        printDone(
          options.json,
          { changed: true },
          byCode ? 'The password is set: sign in with it.' : 'The password is changed; your other logins have ended.',
        );
      }),
    );

  const logins = program.command('logins').description('where you are signed in');
  logins
    .command('list')
    .option('--json')
    .action((options: Json) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        printLogins(
          await collect((cursor) => unwrap(api.GET('/api/v1/me/logins', { params: { query: nextPage(cursor) } }))),
          options,
        );
      }),
    );
  logins
    .command('end')
    .argument('<id>')
    .description('end a login of yours: its certificates and sessions end')
    .option('--json')
    .action((id: string, options: Json) =>
      run(options.json === true, async () => {
        await unwrap(signedIn(config).DELETE('/api/v1/me/logins/{id}', { params: { path: { id } } }));
        printDone(options.json, { id, ended: true }, `The login ${id} has ended.`);
      }),
    );
}

/** Adds `sluice admin logins ...`. */
export function addAdminLoginCommands(admin: Command, config: AgentConfig, run: Run): void {
  const logins = admin.command('logins').description('where users are signed in');
  logins
    .command('list')
    .requiredOption('--user <email>')
    .option('--json')
    .action((options: Json & { user: string }) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const { id } = await userNamed(api, options.user);
        const url = '/api/v1/users/{id}/logins';
        printLogins(
          await collect((cursor) => unwrap(api.GET(url, { params: { path: { id }, query: nextPage(cursor) } }))),
          options,
        );
      }),
    );
  logins
    .command('end')
    .argument('<id>')
    .requiredOption('--user <email>', 'whose login it is')
    .description('end a login of a user: its certificates and sessions end')
    .option('--json')
    .action((loginId: string, options: Json & { user: string }) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const { id } = await userNamed(api, options.user);
        await unwrap(api.DELETE('/api/v1/users/{id}/logins/{loginId}', { params: { path: { id, loginId } } }));
        printDone(options.json, { id: loginId, ended: true }, `The login ${loginId} of ${options.user} has ended.`);
      }),
    );
}

/** Adds `sluice admin users reset-password`. */
export function addResetCommand(users: Command, config: AgentConfig, run: Run): void {
  users
    .command('reset-password')
    .argument('<email>')
    .description('take a password away, end the logins, and make a one-time code to set a new password with, good for a day')
    .option('--json')
    .action((email: string, options: Json) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const { id } = await userNamed(api, email);
        const reset = await unwrap(api.POST('/api/v1/users/{id}/password-reset', { params: { path: { id } } }));
        if (options.json === true) return void printJson(reset);
        printLine(`One-time code, shown once, good until ${showTime(reset.expiresAt)}: ${reset.code}`);
        printLine(`With it, ${email} sets a new password: sluice passwd --server URL --email ${email}`);
      }),
    );
}

function printLogins(logins: Schemas['LoginInfo'][], options: Json): void {
  if (options.json === true) return void printJson(logins);
  printTable(
    ['LOGIN', 'SIGNED IN', 'FROM', 'LAST USED', 'FROM', 'UNTIL', ''],
    logins.map((login) => [
      login.id,
      showTime(login.createdAt),
      login.address,
      showTime(login.lastUsedAt),
      login.lastUsedAddress,
      showTime(login.expiresAt),
      login.current ? 'this one' : '',
    ]),
    'There are no logins.',
  );
}
