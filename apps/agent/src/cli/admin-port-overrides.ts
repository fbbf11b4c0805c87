import { collect, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { AgentConfig } from '../config.js';
import { printDone, printJson, printTable, UsageError } from './output.js';
import { nextPage, serverNamed, signedIn } from './session.js';

type Run = (json: boolean, work: () => Promise<void>) => Promise<void>;
type Json = { json?: boolean };

/** Adds `sluice admin port-overrides ...`. */
export function addPortOverrideCommands(admin: Command, config: AgentConfig, run: Run): void {
  const overrides = admin.command('port-overrides').description('where clients find every server; the same for all users');
  overrides
    .command('list')
    .option('--json')
    .action((options: Json) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const all = await collect((cursor) => unwrap(api.GET('/api/v1/servers', { params: { query: nextPage(cursor) } })));
        const rows = all.map(({ id, name, connectivityMode, bindAddress, portOverride, dns }) => ({
          id,
          name,
          connectivityMode,
          bindAddress,
          portOverride,
          dns,
        }));
        if (options.json === true) return void printJson(rows);
        printTable(
          ['SERVER', 'MODE', 'ADDRESS', 'PORT', 'DNS'],
          rows.map((row) => [row.name, row.connectivityMode, row.bindAddress, row.portOverride, row.dns]),
          'There are no servers yet: add one with `sluice admin servers add tcp`.',
        );
      }),
    );
  overrides
    .command('set')
    .argument('<server>')
    .argument('<port>', 'a port, or "new" for another one that is free')
    .description('change the port at which clients find a server; agents follow')
    .option('--json')
    .action((name: string, port: string, options: Json) =>
      run(options.json === true, async () => {
        if (port !== 'new' && !/^\d{1,5}$/.test(port)) throw new UsageError(`a port is a number, or "new" (it is "${port}")`);
        const api = signedIn(config);
        const { id, version } = await serverNamed(api, name);
        const body = { version, portOverride: port === 'new' ? -1 : Number(port) };
        const server = await unwrap(api.PATCH('/api/v1/servers/{id}', { params: { path: { id } }, body }));
        printDone(options.json, server, `Clients find ${server.name} at ${server.bindAddress}:${server.portOverride}.`);
      }),
    );
}
