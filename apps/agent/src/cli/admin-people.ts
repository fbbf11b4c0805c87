import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { type Command, Option } from 'commander';
import type { AgentConfig } from '../config.js';
import { addResetCommand } from './login-commands.js';
import { printJson, printLine, printTable, showTime } from './output.js';
import { printWithdrawn } from './reach.js';
import { readSecret } from './secrets.js';
import { nextPage, nodeNamed, roleNamed, serverNamed, signedIn, userNamed } from './session.js';

type Run = (json: boolean, work: () => Promise<void>) => Promise<void>;
type Json = { json?: boolean };

/** Adds `sluice admin users ...`. */
export function addUserCommands(admin: Command, config: AgentConfig, run: Run): void {
  const users = admin.command('users').description('accounts that are people');
  users
    .command('add')
    .argument('<email>')
    .addOption(
      new Option('--role <role>', 'what they may do in the API').choices(['administrator', 'auditor', 'user']).default('user'),
    )
    .option(
      '--password-file <file>',
      'file whose first line is the password, or - for standard input; without it one is made and shown once',
    )
    .option('--json')
    .action((email: string, options: Json & { role: Schemas['User']['apiRole']; passwordFile?: string }) =>
      run(options.json === true, async () => {
        const password =
          options.passwordFile === undefined ? {} : { password: await readSecret('Password', options.passwordFile) };
        const user = await unwrap(
          signedIn(config).POST('/api/v1/users', { body: { email, apiRole: options.role, ...password } }),
        );
        if (options.json === true) return void printJson(user);
        printLine(`Added ${user.email} (${user.apiRole}).`);
        if (user.password !== undefined) printLine(`Password, shown once: ${user.password}`);
      }),
    );
  users
    .command('list')
    .option('--json')
    .action((options: Json) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const all = await collect((cursor) => unwrap(api.GET('/api/v1/users', { params: { query: nextPage(cursor) } })));
        if (options.json === true) return void printJson(all);
        printTable(
          ['USER', 'API ROLE', 'STATUS', 'ROLES'],
          all.map((user) => [user.email, user.apiRole, user.status, user.roles.map((role) => role.name).join(', ')]),
          'There are no users.',
        );
      }),
    );
  const change = (verb: 'suspend' | 'resume', done: string, description: string) =>
    users
      .command(verb)
      .argument('<email>')
      .description(description)
      .option('--json')
      .action((email: string, options: Json) =>
        run(options.json === true, async () => {
          const api = signedIn(config);
          const { id, version } = await userNamed(api, email);
          const user = await unwrap(api.POST(`/api/v1/users/{id}/${verb}`, { params: { path: { id } }, body: { version } }));
          printWithdrawn<Schemas['User'] & { reach?: Schemas['Reach'] }>(options.json, user, `${done} ${email}.`);
        }),
      );
  change('suspend', 'Suspended', 'refuse a user from now on and end their sessions');
  change('resume', 'Resumed', 'let a suspended user in again');
  addResetCommand(users, config, run);
  users
    .command('delete')
    .argument('<email>')
    .description('delete a user and end their sessions; their records stay')
    .option('--json')
    .action((email: string, options: Json) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const { id, version } = await userNamed(api, email);
        const { reach } = await unwrap(api.DELETE('/api/v1/users/{id}', { params: { path: { id }, query: { version } } }));
        printWithdrawn(options.json, { id, email, deleted: true, reach }, `Deleted ${email}.`);
      }),
    );
}

/** Names of which the API tells the first only. */
const listed = (names: readonly string[], all: number = names.length): string =>
  `${names.join(', ')}${all > names.length ? ` and ${all - names.length} more` : ''}`;

/** Adds `sluice admin roles ...`. */
export function addRoleCommands(admin: Command, config: AgentConfig, run: Run): void {
  const roles = admin.command('roles').description('roles: which servers they reach, and who holds them');
  const done = (role: Schemas['Role'] & { reach?: Schemas['Reach'] }, options: Json, text: string) =>
    printWithdrawn(options.json, role, text);
  roles
    .command('add')
    .argument('<name>')
    .option('--json')
    .action((name: string, options: Json) =>
      run(options.json === true, async () =>
        done(await unwrap(signedIn(config).POST('/api/v1/roles', { body: { name } })), options, `Added the role ${name}.`),
      ),
    );
  roles
    .command('list')
    .option('--json')
    .action((options: Json) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const all = await collect((cursor) => unwrap(api.GET('/api/v1/roles', { params: { query: nextPage(cursor) } })));
        if (options.json === true) return void printJson(all);
        const rows = all.map((role) => [
          role.name,
          listed(
            role.servers.map((server) => server.name),
            role.serverCount,
          ),
          listed(
            role.users.map((user) => user.email),
            role.userCount,
          ),
        ]);
        printTable(['ROLE', 'SERVERS', 'USERS'], rows, 'There are no roles yet: add one with `sluice admin roles add`.');
      }),
    );
  const onServer = (verb: 'grant' | 'revoke', description: string, text: (role: string, server: string) => string) =>
    roles
      .command(verb)
      .argument('<role>')
      .argument('<server>')
      .description(description)
      .option('--json')
      .action((roleName: string, serverName: string, options: Json) =>
        run(options.json === true, async () => {
          const api = signedIn(config);
          const path = { id: (await roleNamed(api, roleName)).id, serverId: (await serverNamed(api, serverName)).id };
          const url = '/api/v1/roles/{id}/servers/{serverId}';
          const role = await unwrap(
            verb === 'grant' ? api.PUT(url, { params: { path } }) : api.DELETE(url, { params: { path } }),
          );
          done(role, options, text(roleName, serverName));
        }),
      );
  onServer('grant', 'let a role reach a server', (role, server) => `${role} reaches ${server}.`);
  onServer(
    'revoke',
    'take a server away from a role; its sessions end',
    (role, server) => `${role} does not reach ${server} any more.`,
  );
  const onUser = (verb: 'assign' | 'unassign', description: string, text: (role: string, email: string) => string) =>
    roles
      .command(verb)
      .argument('<role>')
      .argument('<email>')
      .description(description)
      .option('--json')
      .action((roleName: string, email: string, options: Json) =>
        run(options.json === true, async () => {
          const api = signedIn(config);
          const path = { id: (await roleNamed(api, roleName)).id, userId: (await userNamed(api, email)).id };
          const url = '/api/v1/roles/{id}/users/{userId}';
          const role = await unwrap(
            verb === 'assign' ? api.PUT(url, { params: { path } }) : api.DELETE(url, { params: { path } }),
          );
          done(role, options, text(roleName, email));
        }),
      );
  onUser('assign', 'give a role to a user', (role, email) => `${email} holds ${role}.`);
  onUser(
    'unassign',
    'take a role away from a user; sessions that it allowed end',
    (role, email) => `${email} does not hold ${role} any more.`,
  );
}

/** Adds `sluice admin nodes ...`. */
export function addNodeCommands(admin: Command, config: AgentConfig, run: Run): void {
  const nodes = admin.command('nodes').description('gateways and relays');
  nodes
    .command('list')
    .option('--json')
    .action((options: Json) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const all = await collect((cursor) => unwrap(api.GET('/api/v1/nodes', { params: { query: nextPage(cursor) } })));
        if (options.json === true) return void printJson(all);
        const rows = all.map((node) => [
          node.name,
          node.kind,
          node.proxyCluster,
          node.state,
          node.sessions,
          node.address,
          showTime(node.lastSeenAt),
          node.id,
        ]);
        printTable(
          ['NODE', 'KIND', 'CLUSTER', 'STATE', 'SESSIONS', 'ADDRESS', 'LAST SEEN', 'ID'],
          rows,
          'There are no nodes yet.',
        );
      }),
    );
  nodes
    .command('create-token')
    .option('--name <name>', 'name of the relay; without it one is assigned')
    .option('--proxy-cluster <name>', 'its proxy cluster (default: none, it serves as a relay of the default cluster)')
    .option('--json')
    .description('make a token with which one relay enrols, once, within a day')
    .action((options: Json & { name?: string; proxyCluster?: string }) =>
      run(options.json === true, async () => {
        const { json: _, ...body } = options;
        const token = await unwrap(signedIn(config).POST('/api/v1/nodes/tokens', { body }));
        if (options.json === true) return void printJson(token);
        printLine(`Token for ${token.name}, good once until ${showTime(token.expiresAt)}:\n${token.token}`);
      }),
    );
  nodes
    .command('delete')
    .argument('<name>', 'name or id')
    .description('delete a node and revoke its identity')
    .option('--json')
    .action((name: string, options: Json) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const { id, version } = await nodeNamed(api, name);
        const { reach } = await unwrap(api.DELETE('/api/v1/nodes/{id}', { params: { path: { id }, query: { version } } }));
        printWithdrawn(options.json, { id, name, deleted: true, reach }, `Deleted ${name}.`);
      }),
    );
}
