import { END_REASONS, OUTCOMES } from '@sluice/domain';
import { unwrap } from '@sluice/sdk';
import { type Command, Option } from 'commander';
import { first, type SignedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { readCount } from '../command/moment.js';
import { printSessions } from '../command/print-sessions.js';
import { serverOf } from '../command/server-option.js';
import { readSessionFilter, type SessionFilter, withSessionFilter } from '../command/session-filter.js';
import type { OutputOptions } from '../terminal/output.js';
import { EXACTNESS_EXPLAINED } from '../terminal/show.js';

interface SearchOptions extends OutputOptions, SessionFilter {
  readonly outcome?: (typeof OUTCOMES)[number];
  readonly endReason?: (typeof END_REASONS)[number];
  readonly live?: boolean;
  readonly limit: string;
}

/** Adds `sluice audit sessions`. */
export function addSessionSearch(audit: Command, signedIn: SignedIn): void {
  const sessions = addCommand(audit, 'sessions', {
    summary: 'search sessions, newest first; a user sees their own',
    example: 'audit sessions --server my-db --since 24h',
    more: `Servers, accounts and relays are found by their names and ids at that time. ${EXACTNESS_EXPLAINED}`,
  });
  withSessionFilter(sessions)
    .addOption(new Option('--outcome <outcome>', 'its outcome').choices(OUTCOMES))
    .addOption(new Option('--end-reason <reason>', 'why it ended, as shown in records').choices(END_REASONS))
    .option('--live', 'only running sessions')
    .option('--limit <n>', 'at most this many', '100')
    .action((options: SearchOptions) =>
      run(options, async ({ out }) => printSessions(out, await search(signedIn, options), 'No sessions.')),
    );
}

async function search(signedIn: SignedIn, options: SearchOptions) {
  const { account, node, outcome, endReason, live } = options;
  const limit = readCount(options.limit, '--limit');
  const api = signedIn();
  const filter = {
    ...(await readSessionFilter(api, options)),
    resource: serverOf(options),
    account,
    node,
    outcome,
    endReason,
    live,
  };
  return first(limit, (page) => unwrap(api.GET('/api/v1/sessions', { params: { query: { ...page, ...filter } } })));
}
