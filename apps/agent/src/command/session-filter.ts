import type { SluiceClient } from '@sluice/sdk';
import type { Command } from 'commander';
import { clusterIdNamed, gatewayIdNamed } from './api.js';
import { readMoment } from './moment.js';
import { type ServerOption, withServerOption } from './server-option.js';

/** The options by which sessions are found, whether they run or have ended. */
export interface SessionFilter extends ServerOption {
  readonly filter?: string;
  readonly account?: string;
  readonly node?: string;
  readonly proxyCluster?: string;
  readonly gateway?: string;
  readonly clientAddress?: string;
  readonly rule?: string;
  readonly since?: string;
  readonly until?: string;
}

/** Adds those options to a command. */
export const withSessionFilter = (command: Command): Command =>
  withServerOption(command, 'only those to a server, by its name or id')
    .option(
      '--filter <text>',
      'only those that a filter finds, such as \'orders tag:env=prod reason:"no grant" bytes>1GiB since:7d\'',
    )
    .option('--account <email>', 'only those of an account, by its e-mail or id')
    .option('--node <name>', 'only those that a relay carries, by its name or id')
    .option('--proxy-cluster <name>', 'only those that relays of a proxy cluster carry, by its name or id; default: of none')
    .option('--gateway <name>', 'only those through a gateway, by its name or id')
    .option('--client-address <address>', "only those from a client's IP address, with or without its port")
    .option('--rule <rule>', 'only those that this rule allowed, such as "role readers"')
    .option('--since <time>', 'only those that began then or later: ISO 8601, or an age such as 15m, 24h, 7d')
    .option('--until <time>', 'only those that began before');

/** Whether any of those options was given. */
export const isFiltered = (options: SessionFilter): boolean =>
  [options.server, options.resource, options.account, options.node, options.proxyCluster, options.gateway]
    .concat(options.filter, options.clientAddress, options.rule, options.since, options.until)
    .some((value) => value !== undefined);

/** What the API needs to know of those options, but for the names of server, account and relay. @throws UsageError, Error for a name that is not there */
export async function readSessionFilter(api: SluiceClient, { since, until, ...options }: SessionFilter) {
  const { filter, proxyCluster, gateway, clientAddress, rule } = options;
  return {
    ...(filter === undefined ? {} : { filter }),
    ...(proxyCluster === undefined ? {} : { proxyCluster: await clusterIdNamed(api, proxyCluster) }),
    ...(gateway === undefined ? {} : { gateway: await gatewayIdNamed(api, gateway) }),
    ...(clientAddress === undefined ? {} : { clientAddress }),
    ...(rule === undefined ? {} : { rule }),
    ...(since === undefined ? {} : { since: readMoment(since, '--since') }),
    ...(until === undefined ? {} : { until: readMoment(until, '--until') }),
  };
}
