import { collect, type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { nextPage, roleNamed, serverNamed, type SignedIn, userNamed } from '../command/api.js';
import { addCommand, addDangerousCommand, type DangerousOptions, run } from '../command/command.js';
import { printWithdrawn } from '../command/reach.js';
import type { OutputOptions } from '../terminal/output.js';
import { showCount, showNames } from '../terminal/show.js';

type Role = Schemas['Role'];

const ROLE = 'name or id of the role';

/** Adds `sluice admin roles ...`. */
export function addRoleCommands(admin: Command, signedIn: SignedIn): void {
  const roles = admin.command('roles').description('roles: which servers they reach, and who holds them');
  addRoleItself(roles, signedIn);
  addMembership(roles, signedIn);
}

function addRoleItself(roles: Command, signedIn: SignedIn): void {
  addCommand(roles, 'add', { summary: 'add a role, which reaches nothing yet', example: 'admin roles add developers' })
    .argument('<name>', 'its name')
    .action((name: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const role = await unwrap(signedIn().POST('/api/v1/roles', { body: { name } }));
        out.done(role, `Added the role ${role.name}.`);
      }),
    );

  addCommand(roles, 'list', { summary: 'list roles by name', example: 'admin roles list' }).action((options: OutputOptions) =>
    run(options, async ({ out }) => {
      const api = signedIn();
      const all = await collect((cursor) => unwrap(api.GET('/api/v1/roles', { params: { query: nextPage(cursor) } })));
      out.list(all, {
        head: ['ROLE', 'SERVERS', 'USERS'],
        row: (role) => [role.name, serversOf(role), usersOf(role)],
        empty: 'There are no roles yet: add one with `sluice admin roles add`.',
        csv: ['id', 'version', 'name', 'servers', 'serverCount', 'users', 'userCount'],
      });
    }),
  );

  addCommand(roles, 'show', { summary: 'show a role', example: 'admin roles show developers' })
    .argument('<role>', ROLE)
    .action((name: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const role = await roleNamed(signedIn(), name);
        out.value(role, () =>
          out.fields([
            ['Name', role.name],
            ['Servers', serversOf(role)],
            ['Users', usersOf(role)],
            ['Version', role.version],
            ['Id', role.id],
          ]),
        );
      }),
    );

  addCommand(roles, 'rename', {
    summary: 'rename a role; its servers and users stay',
    example: 'admin roles rename developers "backend developers"',
  })
    .argument('<role>', ROLE)
    .argument('<name>', 'its new name')
    .action((named: string, name: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const { id, version, name: before } = await roleNamed(api, named);
        const role = await unwrap(api.PATCH('/api/v1/roles/{id}', { params: { path: { id } }, body: { version, name } }));
        out.done(role, `The role ${before} is ${role.name} now.`);
      }),
    );

  addDangerousCommand(roles, 'delete', {
    summary: 'delete a role; sessions that only this role allowed end',
    example: 'admin roles delete developers --yes',
  })
    .argument('<role>', ROLE)
    .action((named: string, options: DangerousOptions) =>
      run(options, async ({ out, confirm, now }) => {
        const api = signedIn();
        const role = await roleNamed(api, named);
        const { id, version, name } = role;
        await confirm(options, () => Promise.resolve(whatDeletingEnds(role)));
        now('waiting for the relays');
        const { reach } = await unwrap(api.DELETE('/api/v1/roles/{id}', { params: { path: { id }, query: { version } } }));
        printWithdrawn(out, { id, name, deleted: true, reach }, `Deleted ${name}.`);
      }),
    );
}

/** A warning about the access that users lose with a role. */
function whatDeletingEnds(role: Role): string {
  const [users, servers] = [role.userCount ?? role.users.length, role.serverCount ?? role.servers.length];
  if (users === 0 || servers === 0) return `Deleting the role ${role.name} cannot be undone; nobody reaches anything by it.`;
  return `The role ${role.name} is in use: deleting it takes ${showCount(servers, 'server')} from ${showCount(users, 'user')}, and ends the sessions that only this role allowed.`;
}

function addMembership(roles: Command, signedIn: SignedIn): void {
  addCommand(roles, 'grant', { summary: 'let a role reach a server', example: 'admin roles grant developers my-db' })
    .argument('<role>', ROLE)
    .argument('<server>', 'name or id of the server')
    .action((roleName: string, serverName: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const [role, server] = [await roleNamed(api, roleName), await serverNamed(api, serverName)];
        const path = { id: role.id, serverId: server.id };
        const granted = await unwrap(api.PUT('/api/v1/roles/{id}/servers/{serverId}', { params: { path } }));
        out.done(granted, `The role ${role.name} now reaches ${server.name}.`);
      }),
    );

  addCommand(roles, 'revoke', {
    summary: 'no longer let a role reach a server; sessions that only this role allowed end',
    example: 'admin roles revoke developers my-db',
  })
    .argument('<role>', ROLE)
    .argument('<server>', 'name or id of the server')
    .action((roleName: string, serverName: string, options: OutputOptions) =>
      run(options, async ({ out, now }) => {
        const api = signedIn();
        const [role, server] = [await roleNamed(api, roleName), await serverNamed(api, serverName)];
        now('waiting for the relays');
        const path = { id: role.id, serverId: server.id };
        const revoked = await unwrap(api.DELETE('/api/v1/roles/{id}/servers/{serverId}', { params: { path } }));
        printWithdrawn(out, revoked, `The role ${role.name} no longer reaches ${server.name}.`);
      }),
    );

  addCommand(roles, 'assign', { summary: 'give a role to a user', example: 'admin roles assign developers bob@example.com' })
    .argument('<role>', ROLE)
    .argument('<email>', 'e-mail or id of the user')
    .action((roleName: string, email: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const [role, user] = [await roleNamed(api, roleName), await userNamed(api, email)];
        const path = { id: role.id, userId: user.id };
        const assigned = await unwrap(api.PUT('/api/v1/roles/{id}/users/{userId}', { params: { path } }));
        out.done(assigned, `${user.email} holds ${role.name}.`);
      }),
    );

  addCommand(roles, 'unassign', {
    summary: 'remove a user from a role; sessions that only this role allowed end',
    example: 'admin roles unassign developers bob@example.com',
  })
    .argument('<role>', ROLE)
    .argument('<email>', 'e-mail or id of the user')
    .action((roleName: string, email: string, options: OutputOptions) =>
      run(options, async ({ out, now }) => {
        const api = signedIn();
        const [role, user] = [await roleNamed(api, roleName), await userNamed(api, email)];
        now('waiting for the relays');
        const path = { id: role.id, userId: user.id };
        const unassigned = await unwrap(api.DELETE('/api/v1/roles/{id}/users/{userId}', { params: { path } }));
        printWithdrawn(out, unassigned, `${user.email} does not hold ${role.name} any more.`);
      }),
    );
}

const serversOf = (role: Role): string =>
  showNames(
    role.servers.map((server) => server.name),
    role.serverCount,
  );
const usersOf = (role: Role): string =>
  showNames(
    role.users.map((user) => user.email),
    role.userCount,
  );
