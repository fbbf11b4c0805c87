import { checkServer, createSluiceClient, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { z } from 'zod';
import { askAgent } from '../control/control-client.js';
import type { AgentConfig } from '../config.js';
import { prepareConfigHome, readLoginIfUsable, type StoredLogin, storeLogin } from '../login/stored-login.js';
import { logIn } from '../login/log-in.js';
import { signedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { UsageError } from '../terminal/failure.js';
import type { OutputOptions } from '../terminal/output.js';
import { readNewSecret, readSecret, secretFile } from '../terminal/secrets.js';
import { showTime } from '../terminal/show.js';

/** Adds `sluice login` and `passwd`. */
export function addLoginCommands(program: Command, config: AgentConfig): void {
  addCommand(program, 'login', {
    summary: 'sign in; the login lasts twelve hours',
    example: 'login --server https://sluice.example.com --email bob@example.com',
  })
    .requiredOption('--server <url>', 'address of a gateway, such as https://sluice.example.com')
    .requiredOption('--email <email>', 'your e-mail')
    .option('--password-file <file>', secretFile('the password'))
    .action((options: OutputOptions & { server: string; email: string; passwordFile?: string }) =>
      run(options, async ({ out, asking, now }) => {
        checkServer(options.server);
        prepareConfigHome(config); // first, so that no login is opened that could not be stored
        const password = await asking(() => readSecret('Password', options.passwordFile));
        now('signing in');
        const login = await logIn(options.server, options.email, password);
        const earlier = stillValid(config, login);
        storeLogin(config, login);
        await askAgent(config.controlSocket, 'reload', {}, z.object({})).catch(() => undefined);
        out.done(
          { account: login.account, server: login.server, expiresAt: login.expiresAt, earlierLoginId: earlier?.loginId ?? null },
          `Signed in as ${login.account.email} (${login.account.apiRole}) until ${showTime(login.expiresAt)}.` +
            (earlier === undefined
              ? ''
              : `\nYour earlier login stays valid until ${showTime(earlier.expiresAt)}, for the sessions that it began. \`sluice logins end ${earlier.loginId}\` ends it and them.`),
        );
      }),
    );

  addCommand(program, 'passwd', {
    summary: 'change your password, or set one with the one-time code of an administrator',
    example: 'passwd --server https://sluice.example.com --email bob@example.com',
    more: 'Without --server and --email, it changes the password of the account that is signed in.',
  })
    .option('--server <url>', 'address of a gateway, if a one-time code is used')
    .option('--email <email>', 'your e-mail, if a one-time code is used')
    .option('--password-file <file>', secretFile('the present password, or the one-time code'))
    .option('--new-password-file <file>', secretFile('the new password'))
    .action((options: OutputOptions & { server?: string; email?: string; passwordFile?: string; newPasswordFile?: string }) =>
      run(options, async ({ out, asking }) => {
        const { server, email, passwordFile, newPasswordFile } = options;
        if ((server === undefined) !== (email === undefined)) throw new UsageError('--server and --email must be given together');
        const byCode = server !== undefined && email !== undefined;
        const api = byCode ? createSluiceClient({ server }) : signedIn(config);
        const [secret, newPassword] = await asking(async () => [
          await readSecret(byCode ? 'One-time code' : 'Present password', passwordFile),
          await readNewSecret('New password', newPasswordFile),
        ]);
        if (byCode) await unwrap(api.POST('/api/v1/passwords', { body: { email, code: secret, newPassword } }));
        else await unwrap(api.POST('/api/v1/me/password', { body: { oldPassword: secret, newPassword } }));
        out.done(
          { changed: true },
          byCode ? 'The password is set: sign in with it.' : 'The password is changed; your other logins have ended.',
        );
      }),
    );
}

/** The login of the same account that was stored here before, if it has not expired. */
function stillValid(config: AgentConfig, now: StoredLogin): (StoredLogin & { loginId: string }) | undefined {
  const earlier = readLoginIfUsable(config);
  if (earlier?.loginId === undefined || earlier.server !== now.server || earlier.account.id !== now.account.id) return undefined;
  return Date.parse(earlier.expiresAt) > Date.now() ? { ...earlier, loginId: earlier.loginId } : undefined;
}
