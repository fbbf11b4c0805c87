import { existsSync } from 'node:fs';
import path from 'node:path';
import { ApiError, collect, type SluiceClient, unwrap } from '@sluice/sdk';
import { type Command, Option } from 'commander';
import type { ExportRange } from '../export/export-line.js';
import { ExportFile } from '../export/export-file.js';
import { PartFile } from '../export/part-file.js';
import { writeCsv } from '../export/write-csv.js';
import { writeExport } from '../export/write-export.js';
import { nextPage, type SignedIn } from '../command/api.js';
import { addCommand, type CommandContext, run } from '../command/command.js';
import { UsageError } from '../terminal/failure.js';
import type { OutputOptions } from '../terminal/output.js';
import { showCount } from '../terminal/show.js';
import { rangeOf } from './range-of.js';

const EXPORT_FORMATS = ['ndjson', 'csv'] as const;

interface ExportOptions extends OutputOptions {
  readonly since?: string;
  readonly until?: string;
  readonly format: (typeof EXPORT_FORMATS)[number];
  readonly out?: string;
  readonly resume?: boolean;
}

/**
 * Adds `sluice audit export`.
 * @param ownAuthority the certificate of the authority that this user is signed in under, which an older release has nowhere else
 */
export function addExport(audit: Command, signedIn: SignedIn, ownAuthority: () => string): void {
  addCommand(audit, 'export', {
    summary: 'write facts and records to a file that `sluice audit verify` checks without trust in this installation',
    example: 'audit export --since 24h --out day.ndjson',
    more: `Without --out it is written to standard output. The file is described in docs/verify.md.
As CSV it has the records only, newest first, for spreadsheets. CSV has no facts and no signatures, so it cannot be verified, and it cannot be continued with --resume.`,
  })
    .option('--since <time>', 'what was received then or later: ISO 8601, or an age such as 24h, 7d')
    .option('--until <time>', 'what was received before: ISO 8601, or an age (default: now)')
    .addOption(
      new Option('--format <format>', 'ndjson: facts and records; csv: records only, those of sessions that began in that time')
        .choices(EXPORT_FORMATS)
        .default('ndjson'),
    )
    .option('--out <file>', 'the file; until it is complete its name ends in .part')
    .option('--resume', 'continue the unfinished export in --out')
    .action((options: ExportOptions) =>
      run(options, (at) => {
        checkOptions(options);
        checkFolder(options.out);
        return options.format === 'csv' ? exportCsv(signedIn, options, at) : exportEvidence(signedIn, ownAuthority, options, at);
      }),
    );
}

async function exportEvidence(
  signedIn: SignedIn,
  ownAuthority: () => string,
  options: ExportOptions,
  { out, now }: CommandContext,
): Promise<void> {
  const api = signedIn();
  const nodes = await collect((cursor) => unwrap(api.GET('/api/v1/nodes', { params: { query: nextPage(cursor) } })));
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  const file = await openFile(() => readAuthorities(api, ownAuthority), options);
  const nameOf = (author: string): string | null => names.get(author) ?? null;
  await writing(
    () => file.close(),
    () =>
      writeExport(api, file, nameOf, (share) => {
        const facts = showCount(file.counts.facts, 'fact');
        now(
          `exported ${facts} ${share < 1 ? `(${Math.floor(share * 100)} %)` : `and ${showCount(file.counts.records, 'record')}`}`,
        );
      }),
  );
  const { facts, records } = file.counts;
  if (options.out === undefined) return;
  const sentence = `${options.out} has ${showCount(facts, 'fact')} and ${showCount(records, 'record')}. Check it with \`sluice audit verify ${options.out}\`.`;
  out.done({ file: options.out, facts, records }, sentence);
}

async function exportCsv(signedIn: SignedIn, options: ExportOptions, { out, now }: CommandContext): Promise<void> {
  const api = signedIn();
  const range = rangeOf(options, new Date().toISOString());
  const file = await PartFile.begin(options.out);
  const records = await writing(
    () => file.discard(),
    () => writeCsv(api, file, range, (written) => now(`exported ${showCount(written, 'record')}`)),
  );
  if (options.out === undefined) return;
  const sentence = `${options.out} has ${showCount(records, 'record')}. It cannot be verified: for evidence, export with --format ndjson.`;
  out.done({ file: options.out, records }, sentence);
}

/** Writes a file. @param leave what becomes of it if that fails */
async function writing<T>(leave: () => Promise<void>, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    await leave();
    throw error;
  }
}

function checkOptions({ format, resume, out, since, until, output }: ExportOptions): void {
  if (output === 'csv' && format !== 'csv' && out === undefined)
    throw new UsageError('-o csv is for what is said about a file that --out names; --format csv exports records as CSV');
  if (resume !== true) return;
  if (format === 'csv') throw new UsageError('--resume is for --format ndjson: CSV is written from the beginning each time');
  if (out === undefined) throw new UsageError('--resume needs --out: which file to continue');
  if (since !== undefined || until !== undefined)
    throw new UsageError('--resume continues with the times in the file: leave out --since and --until');
}

function checkFolder(out: string | undefined): void {
  if (out !== undefined && !existsSync(path.dirname(out)))
    throw new UsageError(`the folder ${path.dirname(out)} does not exist (--out is "${out}")`);
}

type Authorities = Pick<ExportRange, 'authority' | 'authorities'>;

/** The authorities that the installation has had, with the signatures by which they endorse each other. */
async function readAuthorities(api: SluiceClient, ownAuthority: () => string): Promise<Authorities> {
  try {
    const { authorities: all } = await unwrap(api.GET('/api/v1/authorities'));
    const current = all.find(({ state }) => state === 'current');
    const authorities = all.map(({ certificate, acceptedUntil, endorsesNext, endorsesPrevious }) => {
      return { certificate, acceptedUntil, endorsesNext, endorsesPrevious };
    });
    return { authority: current?.certificate ?? '', authorities };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return { authority: ownAuthority() };
    throw error;
  }
}

async function openFile(authorities: () => Promise<Authorities>, options: ExportOptions): Promise<ExportFile> {
  const { out, resume } = options;
  if (resume === true && out !== undefined) return ExportFile.resume(out);
  const exportedAt = new Date().toISOString();
  return ExportFile.begin(out, { ...(await authorities()), ...rangeOf(options, exportedAt), exportedAt });
}
