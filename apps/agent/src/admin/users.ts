import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { type Command, Option } from 'commander';
import { liveSessions, nextPage, type SignedIn, userNamed } from '../command/api.js';
import { addCommand, addDangerousCommand, type DangerousOptions, run } from '../command/command.js';
import { printWithdrawn } from '../command/reach.js';
import { UsageError } from '../terminal/failure.js';
import type { Output, OutputOptions } from '../terminal/output.js';
import { readSecret } from '../terminal/secrets.js';
import { showCount, showTime } from '../terminal/show.js';
import { addUserAccess } from './access.js';

type User = Schemas['User'];

const API_ROLES = ['administrator', 'auditor', 'user'] as const;
const EMAIL = 'e-mail or id of the user';
const apiRole = () => new Option('--role <role>', 'what they may do in the API').choices(API_ROLES);

/** Adds `sluice admin users ...`. */
export function addUserCommands(admin: Command, signedIn: SignedIn): void {
  const users = admin.command('users').description('accounts that are people');

  addCommand(users, 'add', { summary: 'add a user', example: 'admin users add bob@example.com --role auditor' })
    .argument('<email>', 'their e-mail, with which they sign in')
    .addOption(apiRole().default('user'))
    .option(
      '--password-file <file>',
      'file whose first line is the password, or - for standard input (default: a password is generated and shown once)',
    )
    .action((email: string, options: OutputOptions & { role: User['apiRole']; passwordFile?: string }) =>
      run(options, async ({ out }) => {
        const password =
          options.passwordFile === undefined ? {} : { password: await readSecret('Password', options.passwordFile) };
        const body = { email, apiRole: options.role, ...password };
        const user = await unwrap(signedIn().POST('/api/v1/users', { body }));
        out.done(user, `Added ${user.email} (${user.apiRole}).`);
        if (user.password !== undefined) out.line(`Password, shown once: ${user.password}`);
      }),
    );

  addCommand(users, 'list', { summary: 'list users by e-mail', example: 'admin users list' }).action((options: OutputOptions) =>
    run(options, async ({ out }) => {
      const api = signedIn();
      const all = await collect((cursor) => unwrap(api.GET('/api/v1/users', { params: { query: nextPage(cursor) } })));
      out.list(all, {
        head: ['USER', 'API ROLE', 'STATUS', 'ROLES'],
        row: (user) => [user.email, user.apiRole, user.status, user.roles.map((role) => role.name).join(', ')],
        empty: 'There are no users.',
        csv: ['id', 'version', 'email', 'apiRole', 'status', 'roles', 'createdAt'],
      });
    }),
  );

  addUserAccess(users, signedIn);

  addCommand(users, 'show', { summary: 'show a user', example: 'admin users show bob@example.com' })
    .argument('<email>', EMAIL)
    .action((email: string, options: OutputOptions) =>
      run(options, async ({ out }) => showUser(out, await userNamed(signedIn(), email))),
    );

  addCommand(users, 'update', {
    summary: "change a user's e-mail or API role",
    example: 'admin users update bob@example.com --email robert@example.com',
  })
    .argument('<email>', EMAIL)
    .option('--email <email>', 'the new e-mail; existing session records keep the old one')
    .addOption(apiRole())
    .action((email: string, options: OutputOptions & { email?: string; role?: User['apiRole'] }) =>
      run(options, async ({ out }) => {
        if (options.email === undefined && options.role === undefined)
          throw new UsageError('say what to change: --email, --role or both');
        const api = signedIn();
        const { id, version } = await userNamed(api, email);
        const asked = {
          ...(options.email === undefined ? {} : { email: options.email }),
          ...(options.role === undefined ? {} : { apiRole: options.role }),
        };
        showUser(out, await unwrap(api.PATCH('/api/v1/users/{id}', { params: { path: { id } }, body: { version, ...asked } })));
      }),
    );

  addDangerousCommand(users, 'suspend', {
    summary: 'refuse a user from now on, and end their logins and sessions',
    example: 'admin users suspend bob@example.com --yes',
  })
    .argument('<email>', EMAIL)
    .action((email: string, options: DangerousOptions) =>
      run(options, async ({ out, confirm, now }) => {
        const api = signedIn();
        const user = await userNamed(api, email);
        await confirm(
          options,
          async () => `Suspending ${user.email} ends their logins, and ${await sessionsOf(signedIn, user)}.`,
        );
        now('waiting for the relays');
        const path = { id: user.id };
        const suspended = await unwrap(
          api.POST('/api/v1/users/{id}/suspend', { params: { path }, body: { version: user.version } }),
        );
        printWithdrawn(out, suspended, `Suspended ${user.email}.`);
      }),
    );

  addCommand(users, 'resume', { summary: 'let a suspended user in again', example: 'admin users resume bob@example.com' })
    .argument('<email>', EMAIL)
    .action((email: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const { id, version } = await userNamed(api, email);
        const user = await unwrap(api.POST('/api/v1/users/{id}/resume', { params: { path: { id } }, body: { version } }));
        out.done(user, `Resumed ${user.email}.`);
      }),
    );

  addDangerousCommand(users, 'reset-password', {
    summary: 'remove a password, end the logins, and create a one-time code for setting a new password, valid for a day',
    example: 'admin users reset-password bob@example.com --yes',
  })
    .argument('<email>', EMAIL)
    .action((email: string, options: DangerousOptions) =>
      run(options, async ({ out, confirm }) => {
        const api = signedIn();
        const user = await userNamed(api, email);
        await confirm(
          options,
          async () => `This ends the password and the logins of ${user.email}, and ${await sessionsOf(signedIn, user)}.`,
        );
        const reset = await unwrap(api.POST('/api/v1/users/{id}/password-reset', { params: { path: { id: user.id } } }));
        out.done(reset, `One-time code, shown once, good until ${showTime(reset.expiresAt)}: ${reset.code}`);
        out.line(`With it, ${user.email} sets a new password: sluice passwd --server URL --email ${user.email}`);
      }),
    );

  addDangerousCommand(users, 'delete', {
    summary: 'delete a user and end their sessions; their records stay',
    example: 'admin users delete bob@example.com --yes',
  })
    .argument('<email>', EMAIL)
    .action((named: string, options: DangerousOptions) =>
      run(options, async ({ out, confirm, now }) => {
        const api = signedIn();
        const user = await userNamed(api, named);
        const { id, version, email } = user;
        await confirm(options, async () => `Deleting ${email} cannot be undone, and ends ${await sessionsOf(signedIn, user)}.`);
        now('waiting for the relays');
        const { reach } = await unwrap(api.DELETE('/api/v1/users/{id}', { params: { path: { id }, query: { version } } }));
        printWithdrawn(out, { id, email, deleted: true, reach }, `Deleted ${email}.`);
      }),
    );
}

async function sessionsOf(signedIn: SignedIn, { id }: User): Promise<string> {
  const sessions = await liveSessions(signedIn(), { account: id });
  return `${showCount(sessions.length, 'running session')} of theirs`;
}

function showUser(out: Output, user: User): void {
  out.value(user, () =>
    out.fields([
      ['E-mail', user.email],
      ['API role', user.apiRole],
      ['Status', user.status],
      ['Roles', user.roles.map((role) => role.name).join(', ')],
      ['Created', showTime(user.createdAt)],
      ['Version', user.version],
      ['Id', user.id],
    ]),
  );
}
