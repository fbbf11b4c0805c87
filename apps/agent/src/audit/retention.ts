import { collect, type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { nextPage, type SignedIn } from '../command/api.js';
import { addCommand, addDangerousCommand, type DangerousOptions, run } from '../command/command.js';
import { readMoment } from '../command/moment.js';
import { minor, whole } from '../terminal/fit-columns.js';
import type { OutputOptions } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

interface HoldOptions extends OutputOptions {
  readonly account?: string;
  readonly server?: string;
  readonly since?: string;
  readonly until?: string;
  readonly reason: string;
}

/** Adds `sluice audit retention` and `sluice audit hold ...`. */
export function addRetentionCommands(audit: Command, signedIn: SignedIn): void {
  addCommand(audit, 'retention', {
    summary: 'show how long sessions, activities and facts are kept, and how much was dropped',
    example: 'audit retention',
    more: 'Administrators change it with `sluice admin settings set --session-retention 365 --activity-retention 365 --fact-retention 365`.',
  }).action((options: OutputOptions) =>
    run(options, async ({ out }) => {
      const retention = await unwrap(signedIn().GET('/api/v1/retention'));
      out.value(retention, () => {
        out.table(['KIND', 'KEPT', 'SETTING', 'SETTING APPLIES FROM'], retention.kinds.map(rowOf), '');
        out.line('');
        out.fields([
          ['Dropped', `${retention.droppedFacts} facts, ${retention.droppedRecords} records`],
          ['Last dropped', showTime(retention.droppedAt)],
          ['Oldest fact', showTime(retention.oldestFactAt)],
        ]);
      });
    }),
  );

  const hold = audit.command('hold').description('legal holds: evidence that is kept however old it is');

  addCommand(hold, 'add', {
    summary: 'keep records of sessions and their facts until the hold is released',
    example: 'audit hold add --account ann@example.com --since 30d --reason "case 2026-7"',
    more: 'Without --account, --server, --since and --until everything is held.',
  })
    .option('--account <account>', 'id or e-mail of an account, as it was at the time')
    .option('--server <server>', 'id or name of a server, as it was at the time')
    .option('--since <time>', 'sessions that had not ended then: ISO 8601, or an age such as 24h, 7d')
    .option('--until <time>', 'sessions that began before: ISO 8601, or an age (default: all later ones too)')
    .requiredOption('--reason <text>', 'why, for whoever releases it')
    .action((options: HoldOptions) =>
      run(options, async ({ out }) => {
        const { account = null, server: resource = null, reason } = options;
        const since = options.since === undefined ? null : readMoment(options.since, '--since');
        const until = options.until === undefined ? null : readMoment(options.until, '--until');
        const api = signedIn();
        const made = await unwrap(api.POST('/api/v1/holds', { body: { account, resource, since, until, reason } }));
        out.done(made, `Held: nothing of it is dropped until a day after the hold ${made.id} is released.`);
        const query = { limit: 1, ...(account !== null && { account }), ...(resource !== null && { resource }) };
        const { items } = await unwrap(api.GET('/api/v1/sessions', { params: { query } }));
        if (items.length === 0)
          out.line('No session that it finds is recorded yet: is the account or server written as it was at the time?');
      }),
    );

  addCommand(hold, 'list', { summary: 'list holds, newest first, also released ones', example: 'audit hold list' }).action(
    (options: OutputOptions) =>
      run(options, async ({ out }) => {
        const all = await collect((cursor) => unwrap(signedIn().GET('/api/v1/holds', { params: { query: nextPage(cursor) } })));
        out.list(all, {
          head: [
            ...[whole('ID'), 'ACCOUNT', 'SERVER', minor('SINCE', 2), minor('UNTIL', 3), 'REASON'],
            ...[minor('BY', 4), minor('CREATED', 5), minor('RELEASED', 1)],
          ],
          row: (one) => [
            ...[one.id, one.account ?? 'any', one.resource ?? 'any', showTime(one.since), showTime(one.until), one.reason],
            ...[one.createdBy, showTime(one.createdAt), showTime(one.releasedAt)],
          ],
          empty: 'Nothing is held.',
          csv: ['id', 'account', 'resource', 'since', 'until', 'reason', 'createdBy', 'createdAt', 'releasedBy', 'releasedAt'],
        });
      }),
  );

  addDangerousCommand(hold, 'release', {
    summary: 'release a hold: a day later what it held may be dropped',
    example: 'audit hold release 7b0c1f3e-2f53-4a55-8a53-7f1f0f2e6a11',
  })
    .argument('<id>', 'its id, as `sluice audit hold list` shows it')
    .action((id: string, options: DangerousOptions) =>
      run(options, async ({ out, confirm }) => {
        const api = signedIn();
        const params = { path: { id } };
        const { reason } = await unwrap(api.GET('/api/v1/holds/{id}', { params }));
        await confirm(options, () =>
          Promise.resolve(`A day after the hold "${reason}" is released, what it held may be dropped.`),
        );
        out.done(await unwrap(api.POST('/api/v1/holds/{id}/release', { params })), `Released the hold "${reason}".`);
      }),
    );
}

const rowOf = ({ kind, days, askedDays, dueAt }: Schemas['Retention']['kinds'][number]) => [
  kind === 'facts' ? 'other facts' : kind,
  ...[days, askedDays].map((of) => (of === 0 ? 'forever' : `${of} days`)),
  showTime(dueAt),
];
