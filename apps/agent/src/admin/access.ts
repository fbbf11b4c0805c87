import { collect, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { nextPage, serverNamed, type SignedIn, userNamed } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { minor } from '../terminal/fit-columns.js';
import type { OutputOptions } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

interface GivingRole {
  readonly name: string;
  readonly since: string | null;
}

const namesOf = (roles: readonly GivingRole[]): string => roles.map(({ name }) => name).join(', ');

/** Since when there has been access by one role at least; null where that is not known of any. */
const sinceOf = (roles: readonly GivingRole[]): string | null =>
  roles.some(({ since }) => since === null) ? null : (roles.map(({ since }) => since).sort()[0] ?? null);

/** Adds `sluice admin servers access`: who may reach a server. */
export function addServerAccess(servers: Command, signedIn: SignedIn): void {
  addCommand(servers, 'access', {
    summary: 'list who may reach a server, and by which roles',
    example: 'admin servers access my-db',
  })
    .argument('<name>', 'name or id of the server')
    .action((named: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const { id, name } = await serverNamed(api, named);
        const all = await collect((cursor) =>
          unwrap(api.GET('/api/v1/servers/{id}/access', { params: { path: { id }, query: nextPage(cursor) } })),
        );
        out.list(all, {
          head: ['USER', 'STATUS', 'ROLES', minor('SINCE', 1), 'LIVE SESSIONS'],
          row: ({ user, roles, liveSessions }) => [
            user.email,
            user.status,
            namesOf(roles),
            showTime(sinceOf(roles)),
            liveSessions,
          ],
          empty: `Nobody may reach ${name}: no role that reaches it is held by anybody.`,
          csv: ['user.id', 'user.email', 'user.status', 'roles', 'liveSessions'],
        });
      }),
    );
}

/** Adds `sluice admin users access`: what a user may reach. */
export function addUserAccess(users: Command, signedIn: SignedIn): void {
  addCommand(users, 'access', {
    summary: 'list the servers that a user may reach, and by which roles',
    example: 'admin users access bob@example.com',
  })
    .argument('<email>', 'e-mail or id of the user')
    .action((named: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const { id, email, status } = await userNamed(api, named);
        const all = await collect((cursor) =>
          unwrap(api.GET('/api/v1/users/{id}/access', { params: { path: { id }, query: nextPage(cursor) } })),
        );
        out.list(all, {
          head: ['SERVER', 'ROLES', minor('SINCE', 1), 'LIVE SESSIONS'],
          row: ({ server, roles, liveSessions }) => [server.name, namesOf(roles), showTime(sinceOf(roles)), liveSessions],
          empty: `${email} may not reach any server.`,
          csv: ['server.id', 'server.name', 'roles', 'liveSessions'],
        });
        if (status === 'suspended')
          out.line(`\n${email} is suspended, and cannot connect to any of them until they are resumed.`);
      }),
    );
}
