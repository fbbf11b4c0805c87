import { plainText } from '@sluice/domain';
import { ConfigError } from '@sluice/process';
import { ApiError } from '@sluice/sdk';
import { colorsOf } from './colors.js';
import { jsonText } from './json-text.js';
import type { Format } from './output.js';

/** A command was used wrongly: exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit status of a command that was refused or failed. */
const FAILED = 1;
/** Exit status of a command that was used wrongly, whether this is found here or by a rule of the registry. */
const USED_WRONGLY = 2;

/** Codes with which the SDK itself rejects the address of a server. */
const WRONG_SERVERS: readonly string[] = ['server_invalid', 'server_not_private'];

function exitStatusOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof ConfigError) return USED_WRONGLY;
  if (!(error instanceof ApiError)) return FAILED;
  return error.status === 400 || error.status === 422 || WRONG_SERVERS.includes(error.code) ? USED_WRONGLY : FAILED;
}

/** Ignores that the reader of an output has closed it (`sluice status | head -1`): the command continues, and keeps its exit status. */
export function allowReaderToLeave(out: NodeJS.WritableStream): void {
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Whether a message contains a value as a whole word: "1 to 120" does not contain "0". */
const names = (message: string, value: string): boolean =>
  message.includes(`"${value}"`) || message.split(/[\s"',:;()]+/).includes(value);

/** Options whose name does not follow from the field that they set. */
const FLAGS: Readonly<Record<string, string>> = {
  noDelay: 'tcp-nodelay',
  sessionsPerServer: 'max-sessions',
  sessionsPerAccount: 'max-account-sessions',
  linksPerAccount: 'max-account-links',
  sessionsPerAddress: 'max-address-sessions',
  linksPerAddress: 'max-address-links',
  preamblesPerAddress: 'max-address-preambles',
  apiRole: 'role',
  resource: 'server',
};

/** The name of a field's command-line option if it was typed, otherwise the field itself. */
function asTyped(field: string, typed: readonly string[]): string {
  const last = field.split('.').at(-1) ?? field;
  const kebab = last.replace(/(Seconds|Days)$/, '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const flag = `--${FLAGS[last] ?? kebab}`;
  return typed.some((word) => word === flag || word.startsWith(`${flag}=`)) ? flag : field;
}

/** Prints an error, never with a stack trace, and sets the exit status. @param typed the words of the command line */
export function fail(error: unknown, format: Format, typed: readonly string[] = process.argv): void {
  process.exitCode = exitStatusOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (format === 'json' || format === 'yaml') {
    const details =
      error instanceof ApiError ? { status: error.status, code: error.code, field: error.field, value: error.value } : {};
    process.stderr.write(`${jsonText({ error: { message, ...details } })}\n`); // JSON is valid YAML too
    return;
  }
  const text = error instanceof ApiError ? explained(error, typed) : message;
  process.stderr.write(`${colorsOf(process.stderr).red('sluice:')} ${plainText(text)}\n`);
}

/** The message of the API, with the field as it was typed, and the value unless the message contains it. */
function explained({ message, field, value }: ApiError, typed: readonly string[]): string {
  const name = field === undefined ? 'it' : asTyped(field, typed);
  const subject = [field, field?.split('.').at(-1)].find((word) => word !== undefined && message.startsWith(`${word} `));
  const isSubject = subject !== undefined;
  const sentence = isSubject ? `${name}${message.slice(subject.length)}` : message;
  return value === undefined || names(message, value) ? sentence : `${sentence} (${isSubject ? 'it' : name} is "${value}")`;
}
