import { bytesCarried, bytesText, exactnessOf, RECORD_COLUMNS } from '@sluice/domain';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { liveSessions, nodeNamed, serverNamed, type SignedIn, userNamed } from '../command/api.js';
import { addCommand, addDangerousCommand, type DangerousOptions, run } from '../command/command.js';
import { printSessions } from '../command/print-sessions.js';
import { factsForReaders, printTimeLine } from '../command/session-facts.js';
import { serverOf } from '../command/server-option.js';
import { isFiltered, readSessionFilter, type SessionFilter, withSessionFilter } from '../command/session-filter.js';
import { UsageError } from '../terminal/failure.js';
import type { OutputOptions } from '../terminal/output.js';
import { EXACTNESS_EXPLAINED, showCount, showCounted, showTime } from '../terminal/show.js';

/** Adds `sluice admin sessions ...`. */
export function addSessionCommands(admin: Command, signedIn: SignedIn): void {
  const sessions = admin.command('sessions').description('running sessions');

  withSessionFilter(
    addCommand(sessions, 'list', {
      summary: 'list running sessions, newest first',
      example: 'admin sessions list --server my-db',
      more: EXACTNESS_EXPLAINED,
    }),
  ).action((options: OutputOptions & SessionFilter) =>
    run(options, async ({ out }) => printSessions(out, await matching(signedIn, options), 'No sessions are running.')),
  );

  addCommand(sessions, 'show', {
    summary: 'show the record of a session, also of one that has ended, with its time line and facts',
    example: 'admin sessions show 193b7bed-9992-464a-ba7a-689cb92fb9f0',
    more: EXACTNESS_EXPLAINED,
  })
    .argument('<id>', 'id of the session')
    .action((id: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const record = await unwrap(api.GET('/api/v1/sessions/{id}', { params: { path: { id } } }));
        const known = out.format === 'csv' ? undefined : await factsForReaders(api, id);
        const forPeople = () => {
          out.fields(fieldsOf(record));
          printTimeLine(out, record, known);
        };
        out.value({ ...record, facts: known?.facts, factsComplete: known?.complete }, forPeople, {
          items: [record],
          columns: RECORD_COLUMNS,
        });
      }),
    );

  withSessionFilter(
    addDangerousCommand(sessions, 'end', {
      summary: 'end a running session, or all of an account, to a server, or at a relay',
      example: 'admin sessions end --account bob@example.com --why "key was lost" --yes',
      more: 'A single session, given by its id, is ended without a confirmation. The user may connect again.',
    }).argument('[id]', 'id of one session'),
  )
    .option('--why <text>', 'the reason, which is stored in the records')
    .action((id: string | undefined, options: DangerousOptions & SessionFilter & { why?: string }) =>
      run(options, async ({ out, confirm, now }) => {
        const { why } = options;
        if ((id === undefined) !== isFiltered(options))
          throw new UsageError('say which: the id of a session, or an option such as --account, --server or --node');
        const api = signedIn();
        const body = why === undefined ? {} : { why };
        const end = async (one: string) => {
          const { ended } = await unwrap(api.POST('/api/v1/sessions/{id}/end', { params: { path: { id: one } }, body }));
          return { id: one, ended };
        };
        if (id !== undefined) {
          const result = await end(id);
          return out.done(result, result.ended ? `Ended ${id}.` : `${id} had ended already.`);
        }
        const found = await matching(signedIn, options);
        if (found.length > 0)
          await confirm(options, () => Promise.resolve(`This ends ${showCount(found.length, 'running session')}.`));
        const results = [];
        for (const [at, record] of found.entries()) {
          now(`ending session ${at + 1} of ${found.length}`);
          results.push(await end(record.id));
        }
        out.done(results, `Ended ${showCount(results.filter(({ ended }) => ended).length, 'session')}.`);
      }),
    );
}

/** Running sessions of a filter. What it names must be there: a name that is mistyped would match nothing, and look like success. */
async function matching(signedIn: SignedIn, filter: SessionFilter): Promise<Schemas['AuditRecord'][]> {
  const { account, node } = filter;
  const server = serverOf(filter);
  const api = signedIn();
  return liveSessions(api, {
    ...(await readSessionFilter(api, filter)),
    ...(account === undefined ? {} : { account: (await userNamed(api, account)).id }),
    ...(server === undefined ? {} : { resource: (await serverNamed(api, server)).id }),
    ...(node === undefined ? {} : { node: (await nodeNamed(api, node)).id }),
  });
}

const fieldsOf = (record: Schemas['AuditRecord']): (readonly [string, string | number | null])[] => {
  const exactness = exactnessOf(record);
  return [
    ['Session', record.id],
    ['State', record.state],
    ['Account', record.account.email ?? record.account.id],
    ['Server', record.resource.name ?? record.resource.id],
    ['Relay', record.relay?.name ?? null],
    ['Proxy cluster', record.proxyCluster],
    ['Gateway', record.gateway ?? (record.relay ? 'none: straight to the relay' : null)],
    ['Client address', record.clientAddress],
    ['Dialled address', record.dialledAddress],
    ['Allowed by', record.rule],
    ['Started', showTime(record.startedAt)],
    ['Ended', showTime(record.endedAt)],
    ['Bytes up', showCounted(bytesCarried(record.bytesUp, record), exactness)],
    ['Bytes down', showCounted(bytesCarried(record.bytesDown, record), exactness)],
    ['Counted by the agent', agentCounts(record)],
    ['Outcome', record.outcome],
    ['End reason', record.endReason],
    ['Message', record.message],
    [
      'Ended by',
      record.endedBy === null ? null : `${record.endedBy.email ?? record.endedBy.id}: ${record.endedBy.why ?? 'no reason given'}`,
    ],
    ['Repeats', record.repeats > 1 ? `${record.repeats} alike` : null],
  ];
};

function agentCounts({ agentBytesUp, agentBytesDown, countsDiffer }: Schemas['AuditRecord']): string | null {
  if (agentBytesUp === null || agentBytesDown === null) return null;
  const counts = `${bytesText(agentBytesUp)} up, ${bytesText(agentBytesDown)} down`;
  return countsDiffer ? `${counts}; this differs although the session ended in order` : counts;
}
