import { END_REASONS, OUTCOMES } from '@sluice/domain';
import { unwrap } from '@sluice/sdk';
import { type Command, Option } from 'commander';
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
  readonly gateway?: string;
  readonly clientAddress?: string;
  readonly outcome?: (typeof OUTCOMES)[number];
  readonly endReason?: (typeof END_REASONS)[number];
  readonly rule?: string;
  readonly since?: string;
  readonly until?: string;
  readonly live?: boolean;
  readonly limit: string;
}

/** Adds `sluice audit sessions`. */
export function addSessionSearch(audit: Command, config: AgentConfig): void {
  const sessions = addCommand(audit, 'sessions', {
    summary: 'search sessions, newest first; a user sees their own',
    example: 'audit sessions --server my-db --since 24h',
    more: EXACTNESS_EXPLAINED,
  });
  withServerOption(sessions, 'name or id of a server, as it was then')
    .option('--account <email>', 'e-mail or id of an account, as it was then')
    .option('--node <name>', 'name or id of the relay that carried it')
    .option('--gateway <id>', 'id of the gateway that carried it')
    .option('--client-address <address>', "the client's IP address, with or without its port")
    .addOption(new Option('--outcome <outcome>', 'its outcome').choices(OUTCOMES))
    .addOption(new Option('--end-reason <reason>', 'why it ended, as shown in records').choices(END_REASONS))
    .option('--rule <rule>', 'the rule that allowed it, such as "role readers"')
    .option('--since <time>', 'began then or later: ISO 8601, or an age such as 15m, 24h, 7d')
    .option('--until <time>', 'began before: ISO 8601, or an age')
    .option('--live', 'only running sessions')
    .option('--limit <n>', 'at most this many', '100')
    .action((options: SearchOptions) =>
      run(options, async ({ out }) => printSessions(out, await search(config, options), 'No sessions.')),
    );
}

async function search(config: AgentConfig, options: SearchOptions) {
  const { since, until, live } = options;
  const limit = readCount(options.limit, '--limit');
  const filter = {
    resource: serverOf(options),
    account: options.account,
    node: options.node,
    gateway: options.gateway,
    clientAddress: options.clientAddress,
    outcome: options.outcome,
    endReason: options.endReason,
    rule: options.rule,
    since: since === undefined ? undefined : readMoment(since, '--since'),
    until: until === undefined ? undefined : readMoment(until, '--until'),
    live,
  };
  const api = signedIn(config);
  return first(limit, (page) => unwrap(api.GET('/api/v1/sessions', { params: { query: { ...page, ...filter } } })));
}
