import { type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { AgentConfig } from '../config.js';
import { printDone, printJson, printTable, showBytes, showTime, UsageError } from './output.js';
import { addQuarantineCommands } from './quarantine.js';
import { signedIn } from './session.js';

type Run = (json: boolean, work: () => Promise<void>) => Promise<void>;

interface SearchOptions {
  resource?: string;
  account?: string;
  since?: string;
  limit: string;
  live?: boolean;
  json?: boolean;
}

/** Adds `sluice admin sessions ...`. */
export function addSessionCommands(admin: Command, config: AgentConfig, run: Run): void {
  admin
    .command('sessions')
    .description('running sessions')
    .command('end')
    .argument('<id>')
    .option('--why <text>', 'is kept in the record')
    .description('end a running session')
    .option('--json')
    .action((id: string, options: { why?: string; json?: boolean }) =>
      run(options.json === true, async () => {
        const body = options.why === undefined ? {} : { why: options.why };
        const { ended } = await unwrap(signedIn(config).POST('/api/v1/sessions/{id}/end', { params: { path: { id } }, body }));
        printDone(options.json, { id, ended }, ended ? `Ended ${id}.` : `${id} had ended already.`);
      }),
    );
}

/** Adds `sluice audit ...`. */
export function addAuditCommands(program: Command, config: AgentConfig, run: Run): void {
  const audit = program.command('audit').description('what happened');
  addQuarantineCommands(audit, config, run);
  audit
    .command('sessions')
    .description('search sessions, newest first')
    .option('--resource <name>', 'name or id of a server, as it was then')
    .option('--account <email>', 'e-mail or id of an account, as it was then')
    .option('--since <time>', 'ISO 8601, or an age such as 15m, 24h, 7d')
    .option('--live', 'only sessions that run')
    .option('--limit <n>', 'at most this many', '100')
    .option('--json')
    .action((options: SearchOptions) => run(options.json === true, () => search(config, options)));
}

async function search(config: AgentConfig, options: SearchOptions): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError(`--limit is a whole number from 1 (it is "${options.limit}")`);
  const query = {
    ...(options.resource === undefined ? {} : { resource: options.resource }),
    ...(options.account === undefined ? {} : { account: options.account }),
    ...(options.since === undefined ? {} : { since: sinceOf(options.since) }),
    ...(options.live === true ? { live: true } : {}),
  };
  const api = signedIn(config);
  const records: Schemas['AuditRecord'][] = [];
  let cursor: string | undefined;
  do {
    const page: { limit: number; cursor?: string } = {
      limit: Math.min(500, limit - records.length),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const { items, nextCursor } = await unwrap(api.GET('/api/v1/sessions', { params: { query: { ...query, ...page } } }));
    records.push(...items);
    cursor = nextCursor;
  } while (cursor !== undefined && records.length < limit);
  if (options.json === true) return void printJson(records);
  const rows = records.map((record) => [
    showTime(record.startedAt),
    record.account.email ?? record.account.id,
    record.resource.name ?? record.resource.id,
    record.durationMs === null ? '' : `${(record.durationMs / 1000).toFixed(2)} s`,
    showBytes(record.bytesUp),
    showBytes(record.bytesDown),
    record.state === 'final' ? record.outcome : record.state,
    record.endReason,
    record.id,
  ]);
  printTable(['STARTED', 'ACCOUNT', 'SERVER', 'DURATION', 'UP', 'DOWN', 'OUTCOME', 'END REASON', 'ID'], rows, 'No sessions.');
}

function sinceOf(text: string): string {
  const age = /^(\d+)([smhd])$/.exec(text);
  const unit = { s: 1000, m: 60_000, h: 3600_000, d: 86_400_000 }[age?.[2] ?? ''];
  const at = age && unit !== undefined ? Date.now() - Number(age[1]) * unit : Date.parse(text);
  if (Number.isNaN(at))
    throw new UsageError(`--since is a time such as 2026-01-31T12:00:00Z or an age such as 24h (it is "${text}")`);
  return new Date(at).toISOString();
}
