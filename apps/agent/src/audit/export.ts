import { existsSync } from 'node:fs';
import path from 'node:path';
import { collect, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { ExportFile } from '../export/export-file.js';
import { writeExport } from '../export/write-export.js';
import { nextPage, type SignedIn } from '../command/api.js';
import { addCommand, run } from '../command/command.js';
import { readMoment } from '../command/moment.js';
import { UsageError } from '../terminal/failure.js';
import type { OutputOptions } from '../terminal/output.js';
import { showCount } from '../terminal/show.js';

interface ExportOptions extends OutputOptions {
  readonly since?: string;
  readonly until?: string;
  readonly out?: string;
  readonly resume?: boolean;
}

/**
 * Adds `sluice audit export`.
 * @param authority the certificates of the authority that this user is signed in under
 */
export function addExport(audit: Command, signedIn: SignedIn, authority: () => string): void {
  addCommand(audit, 'export', {
    summary: 'write facts and records to a file that `sluice audit verify` checks without trust in this installation',
    example: 'audit export --since 24h --out day.ndjson',
    more: 'Without --out it is written to standard output. The format is described in docs/verify.md.',
  })
    .option('--since <time>', 'what was received then or later: ISO 8601, or an age such as 24h, 7d')
    .option('--until <time>', 'what was received before: ISO 8601, or an age (default: now)')
    .option('--out <file>', 'the file; until it is complete its name ends in .part')
    .option('--resume', 'continue the unfinished export in --out')
    .action((options: ExportOptions) =>
      run(options, async ({ out, now }) => {
        checkOptions(options);
        checkFolder(options.out);
        const api = signedIn();
        const nodes = await collect((cursor) => unwrap(api.GET('/api/v1/nodes', { params: { query: nextPage(cursor) } })));
        const names = new Map(nodes.map(({ id, name }) => [id, name]));
        const file = await openFile(authority, options);
        try {
          await writeExport(
            api,
            file,
            (author) => names.get(author) ?? null,
            () => now(`exported ${showCount(file.counts.facts, 'fact')}, ${showCount(file.counts.records, 'record')}`),
          );
        } catch (error) {
          await file.close();
          throw error;
        }
        const { facts, records } = file.counts;
        if (options.out === undefined) return;
        const sentence = `${options.out} has ${showCount(facts, 'fact')} and ${showCount(records, 'record')}. Check it with \`sluice audit verify ${options.out}\`.`;
        out.done({ file: options.out, facts, records }, sentence);
      }),
    );
}

function checkOptions({ resume, out, since, until }: ExportOptions): void {
  if (resume !== true) return;
  if (out === undefined) throw new UsageError('--resume needs --out: which file to continue');
  if (since !== undefined || until !== undefined)
    throw new UsageError('--resume continues with the times in the file: leave out --since and --until');
}

function checkFolder(out: string | undefined): void {
  if (out !== undefined && !existsSync(path.dirname(out)))
    throw new UsageError(`the folder ${path.dirname(out)} does not exist (--out is "${out}")`);
}

function openFile(authority: () => string, { since, until, out, resume }: ExportOptions): Promise<ExportFile> {
  if (resume === true && out !== undefined) return ExportFile.resume(out);
  const exportedAt = new Date().toISOString();
  return ExportFile.begin(out, {
    authority: authority(),
    since: since === undefined ? new Date(0).toISOString() : readMoment(since, '--since'),
    until: until === undefined ? exportedAt : readMoment(until, '--until'),
    exportedAt,
  });
}
