import { readFileSync } from 'node:fs';
import { fileError } from '@sluice/process';
import { askLine, canAsk } from './ask.js';
import { UsageError } from './failure.js';

/** Lines of standard input that were not used yet. A command may read two secrets from it, one after the other. */
let piped: string[] | undefined;

/** The description of an option that names a file with a secret. */
export const secretFile = (what: string): string =>
  `file whose first line is ${what}, or - for the next line of standard input (default: ask for it)`;

/** Reads a secret from a file, standard input, or the terminal without showing it; never from an argument, which other users could see. @throws UsageError */
export async function readSecret(prompt: string, file: string | undefined): Promise<string> {
  if (file === undefined) return askSecret(prompt);
  try {
    if (file !== '-') return firstLine(readFileSync(file, 'utf8'));
    piped ??= readFileSync(0, 'utf8').split('\n');
    return firstLine(piped.shift() ?? '');
  } catch (cause) {
    throw new UsageError(`the password file ${file} cannot be read: ${fileError(cause)}`, { cause });
  }
}

/** Asks for a new secret twice on the terminal, or reads it once from a file. @throws UsageError if the two differ */
export async function readNewSecret(prompt: string, file: string | undefined): Promise<string> {
  const secret = await readSecret(prompt, file);
  if (file === undefined && (await askSecret(`${prompt}, again`)) !== secret) throw new UsageError('the two are not the same');
  return secret;
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').replace(/\r$/, '');

async function askSecret(prompt: string): Promise<string> {
  if (!canAsk()) throw new UsageError(`there is no terminal to ask for the ${prompt.toLowerCase()}: give it in a file`);
  return askLine(`${prompt}: `, true);
}
