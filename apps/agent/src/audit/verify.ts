import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { readPem, splitPem } from '@sluice/identity';
import { fileError } from '@sluice/process';
import type { Command } from 'commander';
import { Hashes } from '../verify/hashes.js';
import type { ChainResult } from '../verify/check-chain.js';
import { shownProblems } from '../verify/problems.js';
import { LineReader } from '../verify/read-lines.js';
import { NotAnExportError } from '../verify/not-an-export.js';
import { type VerifiedExport, verifyExport } from '../verify/verify-export.js';
import { addCommand, run } from '../command/command.js';
import { UsageError } from '../terminal/failure.js';
import type { Output, OutputOptions } from '../terminal/output.js';
import { showCount } from '../terminal/show.js';

/** How many problems are printed, besides that the file was cut. */
const MAX_SHOWN = 10;

interface VerifyOptions extends OutputOptions {
  readonly authority?: string;
  readonly heads: readonly string[];
}

/** Adds `sluice audit verify`. */
export function addVerify(audit: Command): void {
  addCommand(audit, 'verify', {
    summary: 'check exports: whether facts are missing or altered, and whether records say what the facts say',
    example: 'audit verify day.ndjson --heads heads-of-our-siem.ndjson',
    more: 'It needs neither a login nor a network. What it checks is described in docs/verify.md.\nExit status 1 if something is wrong, 2 if a file cannot be verified at all.',
  })
    .argument('<files...>', 'files that `sluice audit export` has written; - reads standard input')
    .option('--authority <file>', "the authority's certificate (PEM), obtained otherwise than with the file")
    .option(
      '--heads <file>',
      'signed heads that somebody else has kept: one fact a line, or lines of an export destination; may be given several times, and be compressed (.gz)',
      (file: string, before: readonly string[]) => [...before, file],
      [],
    )
    .action((files: string[], options: VerifyOptions) =>
      run(options, async ({ out, now }) => {
        const authority = options.authority === undefined ? undefined : await readAuthority(options.authority);
        const hashes = new Hashes(files.length > 1);
        for (const file of options.heads) await readHeads(file, hashes);
        const results: (VerifiedExport & { file: string })[] = [];
        for (const file of files) {
          now(`verifying ${file}`);
          results.push({ file, ...(await verifyFile(file, authority, hashes)) });
        }
        out.value(results.length === 1 ? results[0] : results, () => results.forEach((result) => print(out, result)));
        if (results.some(({ ok }) => !ok)) process.exitCode = 1;
      }),
    );
}

const cannotRead = (file: string, cause: unknown): Error =>
  new UsageError(`${file} cannot be read: ${fileError(cause)}`, { cause });

/** @returns one certificate or several, PEM */
async function readAuthority(file: string): Promise<string> {
  const pem = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw cannotRead(file, cause);
  });
  try {
    if (splitPem(pem).map(readPem).length > 0) return pem;
  } catch {
    // as if there were none
  }
  throw new UsageError(`${file} has no certificate that can be read: --authority takes one in PEM`);
}

async function readHeads(file: string, hashes: Hashes): Promise<void> {
  const bytes = createReadStream(file);
  let heads = 0;
  try {
    const stream = file.endsWith('.gz') ? pipeline(bytes, createGunzip(), () => undefined) : bytes;
    for await (const { number, text } of new LineReader(stream).lines()) {
      const isHead = text === '' ? undefined : hashes.addKept(text ?? '');
      if (isHead === false) throw new Error(`line ${number} is not a signed head`);
      if (isHead) heads++;
    }
    if (heads === 0) throw new Error('it has no signed head');
  } catch (cause) {
    throw cannotRead(file, cause);
  }
}

async function verifyFile(file: string, authority: string | undefined, hashes: Hashes): Promise<VerifiedExport> {
  try {
    return await verifyExport(file === '-' ? process.stdin : createReadStream(file), { authority, hashes });
  } catch (cause) {
    if (cause instanceof NotAnExportError) throw new UsageError(`${file} cannot be verified: ${cause.message}`, { cause });
    throw cannotRead(file, cause);
  }
}

function print(out: Output, result: VerifiedExport & { file: string }): void {
  const { file, facts, records, recordsChecked, chains, problems, problemCount, authority, trusted, otherAuthority } = result;
  out.line(
    `${file}: ${showCount(facts, 'fact')}, ${showCount(records, 'record')}, ${recordsChecked} of them compared with facts`,
  );
  for (const chain of chains) out.line(`  ${describe(chain)}`);
  if (otherAuthority !== null)
    out.line(
      `  --authority ${authority} is not the authority of this file, which is ${otherAuthority}, and the file names none that follows from it: is it the right file? One that was exported before an authority signed is verified with that of then`,
    );
  if (!trusted) out.line(`  authority ${authority}: compare this SHA-256 with one that you have from elsewhere`);
  if (problemCount === 0) return out.line('Nothing is wrong.');
  const shown = shownProblems(problems, MAX_SHOWN);
  for (const { code, message, author, number } of shown) {
    const where = [author, number === undefined ? undefined : `number ${number}`].filter(Boolean).join(', ');
    out.line(`${code}${where === '' ? '' : ` (${where})`}: ${message}`);
  }
  if (problemCount > shown.length) out.line(`${problemCount - shown.length} more: -o json lists them.`);
}

function describe({
  author,
  name,
  from,
  to,
  dropped,
  until,
  unsigned,
  gaps,
  digests,
  quarantined,
  complete,
}: ChainResult): string {
  const whose = /^[0-9a-f-]{36}$/.test(author)
    ? name === null
      ? `relay ${author}`
      : `relay ${name} (${author})`
    : `the ${author} service`;
  const end = until === null ? ', not signed' : `, until ${until}`;
  const more = [
    dropped === null
      ? ''
      : `numbers 1 to ${dropped.through} were dropped by retention until ${dropped.at}: ${showCount(dropped.facts, 'fact')}, ${showCount(dropped.records, 'record')}`,
    until !== null && unsigned > 0 ? `${showCount(unsigned, 'fact')} ${gaps > 0 ? 'not signed' : 'after it not signed yet'}` : '',
    digests > 0 ? `${digests} without bytes` : '',
    quarantined > 0 ? `${quarantined} quarantined` : '',
  ].filter((text) => text !== '');
  const state = complete
    ? gaps > 0
      ? `complete but for ${gaps} numbers that are reported as missing`
      : 'complete'
    : 'NOT complete';
  return `${state} for ${whose}, numbers ${from} to ${to}${end}${more.length === 0 ? '' : ` (${more.join(', ')})`}`;
}
