import { type Schemas, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { AgentConfig } from '../config.js';
import { printDone, printJson, printTable, showTime, UsageError } from './output.js';
import { signedIn } from './session.js';

type Run = (json: boolean, work: () => Promise<void>) => Promise<void>;

/** Adds `sluice audit quarantine ...`. */
export function addQuarantineCommands(audit: Command, config: AgentConfig, run: Run): void {
  const quarantine = audit.command('quarantine').description('facts that could not become records');
  quarantine
    .command('list')
    .description('list them, newest first')
    .option('--json')
    .action((options: { json?: boolean }) =>
      run(options.json === true, async () => {
        const facts = await everything(config);
        if (options.json === true) return void printJson(facts);
        const rows = facts.map((fact) => [String(fact.id), showTime(fact.receivedAt), fact.kind, fact.subject, fact.reason]);
        printTable(['ID', 'RECEIVED', 'KIND', 'SUBJECT', 'REASON'], rows, 'Nothing is in quarantine.');
      }),
    );
  quarantine
    .command('retry')
    .argument('[id]', 'all of them without one')
    .description('try again to make records of them, after an upgrade for example')
    .option('--json')
    .action((given: string | undefined, options: { json?: boolean }) =>
      run(options.json === true, async () => {
        if (given !== undefined && !/^[1-9]\d{0,14}$/.test(given))
          throw new UsageError(`ID is a number as \`sluice audit quarantine list\` shows it (it is "${given}")`);
        const ids = given === undefined ? (await everything(config)).map(({ id }) => id) : [Number(given)];
        const results = [];
        for (const id of ids) {
          const answer = await unwrap(signedIn(config).POST('/api/v1/quarantine/{id}/retry', { params: { path: { id } } }));
          results.push({ id, ...answer });
        }
        const resolved = results.filter((result) => result.resolved).length;
        const why = results.find((result) => !result.resolved)?.reason;
        const rest = why === undefined ? '' : ` The others stay, for example because: ${why}`;
        printDone(options.json, results, `${resolved} of ${results.length} became records.${rest}`);
      }),
    );
}

async function everything(config: AgentConfig): Promise<Schemas['QuarantinedFact'][]> {
  const facts: Schemas['QuarantinedFact'][] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 500, ...(cursor === undefined ? {} : { cursor }) };
    const page = await unwrap(signedIn(config).GET('/api/v1/quarantine', { params: { query } }));
    facts.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return facts;
}
