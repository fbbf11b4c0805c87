import { collect, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { nextPage, serverNamed, type SignedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { minor, whole } from '../terminal/fit-columns.js';
import { UsageError } from '../terminal/failure.js';
import type { OutputOptions } from '../terminal/output.js';

/** Adds `sluice admin port-overrides ...`. */
export function addPortOverrideCommands(admin: Command, signedIn: SignedIn): void {
  const overrides = admin.command('port-overrides').description('where clients find every server; the same for all users');

  addCommand(overrides, 'list', {
    summary: 'list servers with the addresses at which clients find them',
    example: 'admin port-overrides list',
  }).action((options: OutputOptions) =>
    run(options, async ({ out }) => {
      const api = signedIn();
      const all = await collect((cursor) => unwrap(api.GET('/api/v1/servers', { params: { query: nextPage(cursor) } })));
      const places = all.map(({ id, name, connectivityMode, bindAddress, portOverride, dns }) => ({
        id,
        name,
        connectivityMode,
        bindAddress,
        portOverride,
        dns,
      }));
      out.list(places, {
        head: ['SERVER', minor('MODE', 2), whole('ADDRESS'), 'PORT', minor('DNS', 1)],
        row: (place) => [place.name, place.connectivityMode, place.bindAddress, place.portOverride, place.dns],
        empty: 'There are no servers yet: add one with `sluice admin servers add tcp`.',
        csv: ['id', 'name', 'connectivityMode', 'bindAddress', 'portOverride', 'dns'],
      });
    }),
  );

  addCommand(overrides, 'set', {
    summary: 'change the port at which clients find a server; agents follow',
    example: 'admin port-overrides set my-db 15432',
  })
    .argument('<server>', 'name or id of the server')
    .argument('<port>', 'a port from 1024 to 64999, or "new" for another one that is free')
    .action((name: string, port: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        if (port !== 'new' && !/^\d{1,5}$/.test(port)) throw new UsageError(`a port is a number, or "new" (it is "${port}")`);
        const api = signedIn();
        const { id, version } = await serverNamed(api, name);
        const body = { version, portOverride: port === 'new' ? -1 : Number(port) };
        const server = await unwrap(api.PATCH('/api/v1/servers/{id}', { params: { path: { id } }, body }));
        out.done(server, `Clients find ${server.name} at ${server.bindAddress}:${server.portOverride}.`);
      }),
    );
}
