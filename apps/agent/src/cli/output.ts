import { plainText } from '@sluice/domain';
import { ConfigError } from '@sluice/process';
import { ApiError } from '@sluice/sdk';
import Table from 'cli-table3';
import color from 'picocolors';

/** A command was used wrongly: exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A reader that has enough (`sluice status | head -1`) is no failure: the work goes on, and its exit status holds. */
export function allowReaderToLeave(out: NodeJS.WritableStream): void {
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Prints an object as JSON. */
export const printJson = (value: unknown): boolean => process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);

/** Prints what was done: the answer as JSON, or a sentence for a person. */
export const printDone = (json: boolean | undefined, answer: unknown, sentence: string): boolean =>
  json === true ? printJson(answer) : printLine(plainText(sentence));

/** Prints a line for a person; control characters of names and messages are taken out. */
export const printLine = (text: string): boolean => process.stdout.write(`${text}\n`);

/** A cell of a table. */
export const cell = (value: string | number | null | undefined): string =>
  value === null || value === undefined || value === '' ? '-' : plainText(String(value));

/** Prints a table without lines, as wide as it needs; `empty` where there is nothing. */
export function printTable(head: string[], rows: (string | number | null | undefined)[][], empty: string): void {
  if (rows.length === 0) return void printLine(empty);
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
  };
  const lines = { ...none, left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' };
  const table = new Table({
    head: head.map((name) => color.bold(name)),
    chars: lines,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  for (const row of rows) table.push(row.map(cell));
  printLine(table.toString().replace(/[ \t]+$/gm, ''));
}

/** Bytes for a person. */
export function showBytes(bytes: number | null): string {
  if (bytes === null) return '-';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, bytes < 1024 ? 0 : Math.floor(Math.log(bytes) / Math.log(1024)));
  return step === 0 ? `${bytes} B` : `${(bytes / 1024 ** step).toFixed(1)} ${units[step]}`;
}

/** A moment for a person, UTC to the second. */
export const showTime = (iso: string | null): string => (iso === null ? '-' : `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`);

/** Tags as `k=v,k=v`. */
export const showTags = (tags: Record<string, string>): string =>
  Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

/** Whether a message has a value in it as a word: "1 to 120" does not name "0". */
const names = (message: string, value: string): boolean =>
  message.includes(`"${value}"`) || message.split(/[\s"',:;()]+/).includes(value);

/** Says what went wrong and sets the exit status: 2 for wrong use and a configuration that cannot be used, else 1. Never a stack. */
export function fail(error: unknown, json: boolean): void {
  process.exitCode = error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    const details =
      error instanceof ApiError ? { status: error.status, code: error.code, field: error.field, value: error.value } : {};
    process.stderr.write(`${JSON.stringify({ error: { message, ...details } })}\n`);
    return;
  }
  const value =
    error instanceof ApiError && error.value !== undefined && !names(message, error.value)
      ? ` (it is "${plainText(error.value)}")`
      : '';
  process.stderr.write(`${color.red('sluice:')} ${plainText(message)}${value}\n`);
}
