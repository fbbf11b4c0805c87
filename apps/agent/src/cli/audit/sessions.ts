import { unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { AgentConfig } from '../../config.js';
import { first, signedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { readCount, readMoment } from '../command/moment.js';
import { printSessions } from '../command/print-sessions.js';
import { serverOf, type ServerOption, withServerOption } from '../command/server-option.js';
import type { OutputOptions } from '../terminal/output.js';
import { EXACTNESS_EXPLAINED } from '../terminal/show.js';

interface SearchOptions extends OutputOptions, ServerOption {
  readonly account?: string;
  readonly node?: string;
  readonly since?: string;
  readonly limit: string;
  readonly live?: boolean;
}

/** Adds `sluice audit sessions`. */
export function addSessionSearch(audit: Command, config: AgentConfig): void {
  const sessions = addCommand(audit, 'sessions', {
    says: 'search sessions, newest first; a user sees their own',
    example: 'audit sessions --server my-db --since 24h',
    more: EXACTNESS_EXPLAINED,
  });
  withServerOption(sessions, 'name or id of a server, as it was then')
    .option('--account <email>', 'e-mail or id of an account, as it was then')
    .option('--node <name>', 'name or id of the relay that carried it')
    .option('--since <time>', 'ISO 8601, or an age such as 15m, 24h, 7d')
    .option('--live', 'only running sessions')
    .option('--limit <n>', 'at most this many', '100')
    .action((options: SearchOptions) =>
      run(options, async ({ out }) => printSessions(out, await search(config, options), 'No sessions.')),
    );
}

async function search(config: AgentConfig, options: SearchOptions) {
  const { account, node, since, live } = options;
  const server = serverOf(options);
  const limit = readCount(options.limit, '--limit');
  const filter = {
    ...(server === undefined ? {} : { resource: server }),
    ...(account === undefined ? {} : { account }),
    ...(node === undefined ? {} : { node }),
    ...(since === undefined ? {} : { since: readMoment(since, '--since') }),
    ...(live === true ? { live: true } : {}),
  };
  const api = signedIn(config);
  return first(limit, (page) => unwrap(api.GET('/api/v1/sessions', { params: { query: { ...page, ...filter } } })));
}
