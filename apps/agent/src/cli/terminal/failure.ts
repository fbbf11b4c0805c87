import { plainText } from '@sluice/domain';
import { ConfigError } from '@sluice/process';
import { ApiError } from '@sluice/sdk';
import { colorsOf } from './colors.js';
import type { Format } from './output.js';

/** A command was used wrongly: exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit status of what was refused or has failed. */
const FAILED = 1;
/** Exit status of a command that was used wrongly, wherever that is found: here, or by a rule of the registry. */
const USED_WRONGLY = 2;

/** Codes of what this side finds wrong with an address of a server. */
const WRONG_SERVERS: readonly string[] = ['server_invalid', 'server_not_private'];

function exitStatusOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof ConfigError) return USED_WRONGLY;
  if (!(error instanceof ApiError)) return FAILED;
  return error.status === 400 || error.status === 422 || WRONG_SERVERS.includes(error.code) ? USED_WRONGLY : FAILED;
}

/** A reader that has enough (`sluice status | head -1`) is no failure: the work goes on, and its exit status holds. */
export function allowReaderToLeave(out: NodeJS.WritableStream): void {
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Whether a message has a value in it as a word: "1 to 120" does not name "0". */
const names = (message: string, value: string): boolean =>
  message.includes(`"${value}"`) || message.split(/[\s"',:;()]+/).includes(value);

/** Options that are not named as the field is which they set. */
const FLAGS: Readonly<Record<string, string>> = {
  noDelay: 'tcp-nodelay',
  sessionsPerServer: 'max-sessions',
  sessionsPerAccount: 'max-account-sessions',
  linksPerAccount: 'max-account-links',
  sessionsPerAddress: 'max-address-sessions',
  linksPerAddress: 'max-address-links',
  preamblesPerAddress: 'max-address-preambles',
  apiRole: 'role',
};

/** A field by the name of its command-line option. */
function asTyped(field: string, typed: readonly string[]): string {
  const last = field.split('.').at(-1) ?? field;
  const kebab = last.replace(/Seconds$/, '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const flag = `--${FLAGS[last] ?? kebab}`;
  return typed.some((word) => word === flag || word.startsWith(`${flag}=`)) ? flag : field;
}

/** Says what went wrong and sets the exit status. Never a stack. @param typed the words of the command */
export function fail(error: unknown, format: Format, typed: readonly string[] = process.argv): void {
  process.exitCode = exitStatusOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (format === 'json' || format === 'yaml') {
    const details =
      error instanceof ApiError ? { status: error.status, code: error.code, field: error.field, value: error.value } : {};
    process.stderr.write(`${JSON.stringify({ error: { message, ...details } })}\n`); // which is YAML too
    return;
  }
  const value =
    error instanceof ApiError && error.value !== undefined && !names(message, error.value)
      ? ` (${error.field === undefined ? 'it' : asTyped(error.field, typed)} is "${plainText(error.value)}")`
      : '';
  process.stderr.write(`${colorsOf(process.stderr).red('sluice:')} ${plainText(message)}${value}\n`);
}
