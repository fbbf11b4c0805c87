import { factInWords, signedText } from '@sluice/domain';
import type { Command } from 'commander';
import type { SignedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { factsOf, INCOMPLETE } from '../command/session-facts.js';
import { minor, whole } from '../terminal/fit-columns.js';
import type { OutputOptions } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

/** Adds `sluice audit facts`. */
export function addSessionFacts(audit: Command, signedIn: SignedIn): void {
  addCommand(audit, 'facts', {
    summary: 'list the facts about a session, of which its record was made, with their numbers in the journal of the relay',
    example: 'audit facts 193b7bed-9992-464a-ba7a-689cb92fb9f0 -o json',
    more: `A checkpoint has no number. The hash is that of the fact as it was published; the fact with the next number in the same
journal names it as \`previous\`. It is signed if the relay has signed its journal up to this fact or a later one. Facts that an earlier release stored may be missing, which is then said on standard error.`,
  })
    .argument('<session>', 'id of the session')
    .action((id: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const { facts, complete } = await factsOf(signedIn(), id);
        out.list(facts, {
          head: [
            'TIME',
            'FACT',
            'NUMBER',
            minor('SIGNED', 3),
            minor('DETAILS', 1),
            whole('JOURNAL'),
            { name: 'HASH', whole: true, minor: 2 },
          ],
          row: (fact) => [
            showTime(fact.at),
            fact.kind,
            fact.number,
            signedText(fact.signed),
            factInWords(fact),
            fact.incarnation,
            fact.hash,
          ],
          empty: 'No fact names this session.',
          csv: ['id', 'kind', 'author', 'incarnation', 'number', 'previous', 'hash', 'signed', 'at', 'receivedAt', 'data'],
        });
        if (!complete) process.stderr.write(`${INCOMPLETE}\n`);
      }),
    );
}
