import { parsePort, parseTags, splitTags } from '@sluice/domain';
import { collect, type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { AgentConfig } from '../config.js';
import { printJson, printLine, printTable, showTags, showTime, UsageError } from './output.js';
import { printReach, printWithdrawn } from './reach.js';
import { nextPage, serverNamed, signedIn } from './session.js';
import { onOff, readSettings, SERVER_SETTINGS, showOwn, withSettings } from './settings-options.js';

type Server = Schemas['Server'];

interface ServerOptions {
  name?: string;
  hostname?: string;
  port?: string;
  proxyCluster?: string;
  connectivityMode?: string;
  bindAddress?: string;
  portOverride?: string;
  dns?: string;
  tags?: string;
  proxyProtocol?: string;
  json?: boolean;
}

const SINGLE_PORT = `A server is one host and one port. Services that hand out other addresses to their clients (Kafka, clusters) do not
work through it. Credentials are the client's own; TLS between client and service passes through untouched.`;

/** Adds `sluice admin servers ...`. */
export function addServerCommands(
  admin: Command,
  config: AgentConfig,
  run: (json: boolean, work: () => Promise<void>) => Promise<void>,
): void {
  const servers = admin.command('servers').description('servers that people are brokered to');

  const add = servers.command('add').description('add a server');
  withProperties(
    add
      .command('tcp')
      .argument('<name>')
      .description('add a TCP server')
      .requiredOption('--hostname <host>', 'IP address or DNS name that the relay dials'),
  )
    .addHelpText('after', `\n${SINGLE_PORT}`)
    .action((name: string, options: ServerOptions) =>
      run(options.json === true, async () => {
        const body = { name, type: 'tcp' as const, hostname: options.hostname ?? '', ...properties(options) };
        const server = await unwrap(signedIn(config).POST('/api/v1/servers', { body }));
        if (options.json === true) return void printJson(server);
        printLine(
          `Added ${server.name}: clients find it at ${server.bindAddress}:${server.portOverride}. It is unhealthy until the first check succeeds.`,
        );
      }),
    );

  servers
    .command('list')
    .option('--json')
    .action((options: { json?: boolean }) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const all = await collect((cursor) => unwrap(api.GET('/api/v1/servers', { params: { query: nextPage(cursor) } })));
        if (options.json === true) return void printJson(all);
        const rows = all.map((s) => [
          s.name,
          s.type,
          `${s.hostname}:${s.port}`,
          `${s.bindAddress}:${s.portOverride}`,
          showTags(s.tags),
          s.health.state,
        ]);
        printTable(
          ['SERVER', 'TYPE', 'ENDPOINT', 'CLIENT ADDRESS', 'TAGS', 'HEALTH'],
          rows,
          'There are no servers yet: add one with `sluice admin servers add tcp`.',
        );
      }),
    );

  servers
    .command('show')
    .argument('<name>')
    .option('--json')
    .action((name: string, options: { json?: boolean }) =>
      run(options.json === true, async () => show(await serverNamed(signedIn(config), name), options.json === true)),
    );

  withProperties(
    servers
      .command('update')
      .argument('<name>')
      .description('change a server; what is left out stays')
      .option('--name <name>')
      .option('--hostname <host>'),
  ).action((name: string, options: ServerOptions) =>
    run(options.json === true, async () => {
      const api = signedIn(config);
      const { id, version } = await serverNamed(api, name);
      const own = {
        ...(options.name === undefined ? {} : { name: options.name }),
        ...(options.hostname === undefined ? {} : { hostname: options.hostname }),
      };
      const body = { version, ...own, ...properties(options) };
      const server = await unwrap(api.PATCH('/api/v1/servers/{id}', { params: { path: { id } }, body }));
      show(server, options.json === true);
      printReach(options.json, server.reach);
    }),
  );

  servers
    .command('delete')
    .argument('<name>')
    .description('delete a server and end its sessions')
    .option('--json')
    .action((name: string, options: { json?: boolean }) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const { id, version } = await serverNamed(api, name);
        const { reach } = await unwrap(api.DELETE('/api/v1/servers/{id}', { params: { path: { id }, query: { version } } }));
        printWithdrawn(options.json, { id, name, deleted: true, reach }, `Deleted ${name}.`);
      }),
    );

  servers
    .command('check')
    .argument('<name>')
    .description('check now whether the nodes reach a server')
    .option('--json')
    .action((name: string, options: { json?: boolean }) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const server = await serverNamed(api, name);
        const health = await unwrap(api.POST('/api/v1/servers/{id}/check', { params: { path: { id: server.id } } }));
        show({ ...server, health }, options.json === true);
      }),
    );
}

const withProperties = (command: Command): Command =>
  withSettings(command, SERVER_SETTINGS, "default: the organization's")
    .option('--port <port>', 'port that the relay dials (default 49150)')
    .option('--proxy-cluster <name>', 'default: none, the relays of the default cluster')
    .option('--connectivity-mode <mode>', 'loopback or virtual-network')
    .option('--bind-address <ip>', 'address at which clients find it; empty: assigned')
    .option('--port-override <port>', 'port at which clients find it; empty: assigned, -1 on update: a new one')
    .option('--dns <name>', 'host name shown to clients (virtual network only)')
    .option('--tags <k=v,k=v>')
    .option('--proxy-protocol <on|off>', "tell the server the client's address in a PROXY protocol v2 header (default off)")
    .option('--json');

/** Turns options into properties. Numbers and tags are read here, their rules are the registry's. */
function properties(options: ServerOptions) {
  const settings = readSettings({ ...options }, SERVER_SETTINGS, true);
  return {
    ...(options.port === undefined ? {} : { port: number(options.port) }),
    ...(options.proxyCluster === undefined ? {} : { proxyCluster: options.proxyCluster }),
    ...(options.connectivityMode === undefined ? {} : { connectivityMode: options.connectivityMode }),
    ...(options.bindAddress === undefined ? {} : { bindAddress: options.bindAddress }),
    ...(options.portOverride === undefined ? {} : { portOverride: number(options.portOverride) }),
    ...(options.dns === undefined ? {} : { dns: options.dns }),
    ...(options.tags === undefined ? {} : { tags: tags(options.tags) }),
    ...(options.proxyProtocol === undefined ? {} : { proxyProtocol: onOff(options.proxyProtocol, '--proxy-protocol') }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
}

function number(text: string): number {
  const port = /^-?\d+$/.test(text) ? undefined : parsePort(text);
  if (port?.ok === false) throw new UsageError(`${port.refusal.message} (it is "${text}")`);
  return Number(text);
}

function tags(text: string): Record<string, string> {
  const parsed = parseTags(splitTags(text));
  if (!parsed.ok)
    throw new UsageError(
      `${parsed.refusal.message}${parsed.refusal.value === undefined ? '' : ` (it is "${parsed.refusal.value}")`}`,
    );
  return { ...parsed.value };
}

function show(server: Server, json: boolean): void {
  if (json) return void printJson(server);
  const lines: [string, string][] = [
    ['Name', server.name],
    ['Type', 'TCP'],
    ['Proxy cluster', server.proxyCluster ?? 'None (use gateways)'],
    ['Endpoint', `${server.hostname}:${server.port}`],
    ['Connectivity mode', server.connectivityMode],
    ['Client address', `${server.bindAddress}:${server.portOverride}`],
    ['Tags', showTags(server.tags) || '-'],
    ['PROXY protocol', server.proxyProtocol ? 'v2' : 'off'],
    ['Own settings', showOwn(server.settings) || "none: the organization's hold"],
    ['Health', server.health.state],
    ['Version', String(server.version)],
  ];
  for (const [label, value] of lines) printLine(`${`${label}:`.padEnd(19)}${value}`);
  const rows = server.health.nodes.map((node) => [
    node.nodeName,
    node.state,
    showTime(node.checkedAt ?? null),
    node.lastError ?? '',
    showTime(node.lastErrorAt ?? null),
  ]);
  printLine('');
  printTable(['NODE', 'HEALTH', 'CHECKED', 'LAST ERROR', 'AT'], rows, 'No node has checked it yet.');
  printLine(
    `\nA client that checks TLS names must be told the name, because it connects to ${server.bindAddress}:\n  psql "host=${server.hostname} hostaddr=${server.bindAddress} port=${server.portOverride} sslmode=verify-full"\n  openssl s_client -connect ${server.bindAddress}:${server.portOverride} -verify_hostname ${server.hostname}`,
  );
}
