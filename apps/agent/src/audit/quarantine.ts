import { collect, type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { nextPage, type SignedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { minor } from '../terminal/fit-columns.js';
import { UsageError } from '../terminal/failure.js';
import type { OutputOptions } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

/** Adds `sluice audit quarantine ...`. */
export function addQuarantineCommands(audit: Command, signedIn: SignedIn): void {
  const quarantine = audit.command('quarantine').description('facts that could not become records');

  addCommand(quarantine, 'list', { summary: 'list them, newest first', example: 'audit quarantine list' }).action(
    (options: OutputOptions) =>
      run(options, async ({ out }) =>
        out.list(await everything(signedIn), {
          head: ['ID', minor('RECEIVED', 1), 'KIND', minor('SUBJECT', 2), 'REASON'],
          row: (fact) => [fact.id, showTime(fact.receivedAt), fact.kind, fact.subject, fact.reason],
          empty: 'Nothing is in quarantine.',
          csv: ['id', 'subject', 'author', 'kind', 'reason', 'receivedAt'],
        }),
      ),
  );

  addCommand(quarantine, 'retry', {
    summary: 'try again to make records of them, after an upgrade for example',
    example: 'audit quarantine retry 7',
  })
    .argument('[id]', 'its number; all of them without one')
    .action((given: string | undefined, options: OutputOptions) =>
      run(options, async ({ out }) => {
        if (given !== undefined && !/^[1-9]\d{0,14}$/.test(given))
          throw new UsageError(`ID is a number as \`sluice audit quarantine list\` shows it (it is "${given}")`);
        const ids = given === undefined ? (await everything(signedIn)).map(({ id }) => id) : [Number(given)];
        const results = [];
        for (const id of ids) {
          const answer = await unwrap(signedIn().POST('/api/v1/quarantine/{id}/retry', { params: { path: { id } } }));
          results.push({ id, ...answer });
        }
        const resolved = results.filter((result) => result.resolved).length;
        const why = results.find((result) => !result.resolved)?.reason;
        const rest = why === undefined ? '' : ` The others stay, for example because: ${why}`;
        out.done(results, `${resolved} of ${results.length} became records.${rest}`);
      }),
    );
}

const everything = (signedIn: SignedIn): Promise<Schemas['QuarantinedFact'][]> =>
  collect((cursor) => unwrap(signedIn().GET('/api/v1/quarantine', { params: { query: nextPage(cursor) } })));
