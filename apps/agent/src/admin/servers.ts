import { DEFAULT_CLUSTER, parsePort, parseTags, splitTags } from '@sluice/domain';
import { unwrap } from '@sluice/sdk';
import { type Command, Option } from 'commander';
import { liveSessions, serverNamed, type SignedIn } from '../command/api.js';
import { addCommand, addDangerousCommand, type DangerousOptions, run } from '../command/command.js';
import { printReach, printWithdrawn } from '../command/reach.js';
import { UsageError } from '../terminal/failure.js';
import type { OutputOptions } from '../terminal/output.js';
import { showCount } from '../terminal/show.js';
import { addServerAccess } from './access.js';
import { printServer } from './print-server.js';
import { addServerList } from './server-list.js';
import { onOff, readSettings, SERVER_SETTINGS, withSettings } from './settings-options.js';

interface ServerOptions extends OutputOptions {
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
  check?: string;
  dryRun?: true;
}

const SINGLE_PORT = `A server is one host and one port. Services that redirect their clients to other addresses (Kafka, clusters) are not
supported. Credentials are the client's own; TLS between client and service passes through untouched.`;
const CHECK_BUDGET = `All relays together connect to a server for a check at most once in the time of its check budget (10 seconds by default),
whoever asks, so that a server never blocks the relays because of checks.`;
const CHECKS =
  'how relays check it: off: not at all, only sessions show its health; connect; greeting: it must also send data within 2 s, as SSH, SMTP and MySQL do';
const TLS_STARTS = ['direct', 'postgresql'] as const;
const TLS = 'also show the certificate of the service: direct: TLS from the first byte; postgresql: after its own request';
const SERVER = 'name or id of the server';
/** Adds `sluice admin servers ...`. */
export function addServerCommands(admin: Command, signedIn: SignedIn): void {
  const servers = admin.command('servers').description('servers that people reach through Sluice');
  const add = servers.command('add').description('add a server');

  withProperties(
    addCommand(add, 'tcp', {
      summary: 'add a TCP server',
      example: 'admin servers add tcp my-db --hostname db.internal --port 5432 --tags env=prod,team=data',
      more: SINGLE_PORT,
    })
      .argument('<name>', 'its name')
      .requiredOption('--hostname <host>', 'IP address or DNS name that the relay dials')
      .option('--dry-run', 'check it and show where clients would find it, without adding it'),
    "default: the organization's",
    ADDED,
  ).action((name: string, options: ServerOptions) =>
    run(options, async ({ out }) => {
      const body = { name, type: 'tcp' as const, hostname: options.hostname ?? '', ...properties(options) };
      const api = signedIn();
      if (options.dryRun === true) {
        const place = await unwrap(api.POST('/api/v1/servers/preview', { body }));
        out.done(place, `${name} would be at ${place.bindAddress}:${place.portOverride}. Nothing was added.`);
        return;
      }
      const server = await unwrap(api.POST('/api/v1/servers', { body }));
      out.done(
        server,
        `Added ${server.name}: clients find it at ${server.bindAddress}:${server.portOverride}. It is unhealthy until the first check succeeds.`,
      );
    }),
  );

  addServerList(servers, signedIn);

  addCommand(servers, 'show', { summary: 'show a server, with its health at each relay', example: 'admin servers show my-db' })
    .argument('<name>', SERVER)
    .action((name: string, options: OutputOptions) =>
      run(options, async ({ out }) => printServer(out, await serverNamed(signedIn(), name))),
    );

  withProperties(
    addCommand(servers, 'update', {
      summary: 'change a server; properties that are not given stay as they are',
      example: 'admin servers update my-db --port 5433 --idle-timeout default',
    })
      .argument('<name>', SERVER)
      .option('--name <name>', 'its new name')
      .option('--hostname <host>', 'IP address or DNS name that the relay dials'),
    "`default`: the organization's",
    UPDATED,
  ).action((name: string, options: ServerOptions) =>
    run(options, async ({ out, now }) => {
      const api = signedIn();
      const { id, version } = await serverNamed(api, name);
      const own = {
        ...(options.name === undefined ? {} : { name: options.name }),
        ...(options.hostname === undefined ? {} : { hostname: options.hostname }),
      };
      const changed = { ...own, ...properties(options) };
      if (Object.keys(changed).length === 0) throw new UsageError('say what to change: at least one option, such as --port');
      const body = { version, ...changed };
      now('waiting for the relays');
      const server = await unwrap(api.PATCH('/api/v1/servers/{id}', { params: { path: { id } }, body }));
      printServer(out, server);
      printReach(out, server.reach);
    }),
  );

  addDangerousCommand(servers, 'delete', {
    summary: 'delete a server and end its sessions; their records stay',
    example: 'admin servers delete my-db --yes',
  })
    .argument('<name>', SERVER)
    .action((named: string, options: DangerousOptions) =>
      run(options, async ({ out, confirm, now }) => {
        const api = signedIn();
        const { id, version, name } = await serverNamed(api, named);
        await confirm(options, async () => {
          const sessions = await liveSessions(api, { resource: id });
          return `Deleting ${name} cannot be undone, and ends ${showCount(sessions.length, 'running session')} to it.`;
        });
        now('waiting for the relays');
        const { reach } = await unwrap(api.DELETE('/api/v1/servers/{id}', { params: { path: { id }, query: { version } } }));
        printWithdrawn(out, { id, name, deleted: true, reach }, `Deleted ${name}.`);
      }),
    );

  addCommand(servers, 'check', {
    summary: 'check a server now, by one relay, or show its last check if that was moments ago',
    example: 'admin servers check my-db',
    more: CHECK_BUDGET,
  })
    .argument('<name>', SERVER)
    .addOption(new Option('--tls <start>', TLS).choices(TLS_STARTS))
    .action((name: string, options: OutputOptions & { tls?: (typeof TLS_STARTS)[number] }) =>
      run(options, async ({ out, now }) => {
        const api = signedIn();
        const server = await serverNamed(api, name);
        now('waiting for the relays');
        const params = { path: { id: server.id } };
        const body = options.tls === undefined ? {} : { tls: options.tls };
        const { checkedBy, nextCheckAllowedAt, tls, ...health } = await unwrap(
          api.POST('/api/v1/servers/{id}/check', { params, body }),
        );
        printServer(out, { ...server, health }, { checkedBy, nextCheckAllowedAt, tls });
      }),
    );

  addServerAccess(servers, signedIn);
}

/** The text about an omitted option: `add` uses a default, `update` keeps the value. */
const ADDED = (preset: string): string => ` (default ${preset})`;
const UPDATED = (): string => '';

function withProperties(command: Command, otherwise: string, preset: (text: string) => string): Command {
  const assigned = preset === ADDED ? 'empty: assigned' : 'empty: one is assigned';
  const renewed = preset === ADDED ? assigned : `${assigned}, -1: another one`;
  return withSettings(command, SERVER_SETTINGS, otherwise)
    .option('--port <port>', `port that the relay dials${preset('49150')}`)
    .option('--proxy-cluster <name>', `name or id of the proxy cluster whose relays reach it${preset(DEFAULT_CLUSTER)}`)
    .addOption(
      new Option('--connectivity-mode <mode>', `how clients reach it on their machine${preset('loopback')}`).choices([
        'loopback',
        'virtual-network',
      ]),
    )
    .option('--bind-address <ip>', `address at which clients find it; ${assigned}`)
    .option('--port-override <port>', `port at which clients find it; ${renewed}`)
    .option('--dns <name>', 'host name shown to clients (virtual network only)')
    .option('--tags <k=v,k=v>', preset === ADDED ? 'tags' : 'tags, which replace all that it has; empty: none')
    .addOption(new Option('--check <mode>', `${CHECKS}${preset('connect')}`).choices(['off', 'connect', 'greeting']))
    .option('--proxy-protocol <on|off>', `send the server the client's address in a PROXY protocol v2 header${preset('off')}`);
}

/** Turns options into properties. Numbers and tags are parsed here; the registry checks their rules. */
function properties(options: ServerOptions) {
  const settings = readSettings({ ...options }, SERVER_SETTINGS, true);
  return {
    ...(options.port === undefined ? {} : { port: number(options.port, '--port') }),
    ...(options.proxyCluster === undefined ? {} : { proxyCluster: options.proxyCluster }),
    ...(options.connectivityMode === undefined ? {} : { connectivityMode: options.connectivityMode }),
    ...(options.bindAddress === undefined ? {} : { bindAddress: options.bindAddress }),
    ...(options.portOverride === undefined ? {} : { portOverride: number(options.portOverride, '--port-override') }),
    ...(options.dns === undefined ? {} : { dns: options.dns }),
    ...(options.tags === undefined ? {} : { tags: tags(options.tags) }),
    ...(options.proxyProtocol === undefined ? {} : { proxyProtocol: onOff(options.proxyProtocol, '--proxy-protocol') }),
    ...(options.check === undefined ? {} : { check: options.check }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
}

function number(text: string, flag: string): number {
  const port = /^-?\d+$/.test(text) ? undefined : parsePort(text);
  if (port?.ok === false) throw new UsageError(`${port.refusal.message} (${flag} is "${text}")`);
  return Number(text);
}

function tags(text: string): Record<string, string> {
  const pairs = splitTags(text);
  const parsed = pairs.ok ? parseTags(pairs.value) : pairs;
  if (!parsed.ok)
    throw new UsageError(
      `${parsed.refusal.message}${parsed.refusal.value === undefined ? '' : ` (--tags has "${parsed.refusal.value}")`}`,
    );
  return { ...parsed.value };
}
