import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UsageError } from './failure.js';

/** Asks somebody at the terminal for a line. @param hidden whether what they type is not shown. @throws Error when they end it instead (Ctrl-C, Ctrl-D) */
export async function askLine(question: string, hidden: boolean): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: hidden ? silent : process.stderr, terminal: true });
  if (hidden) process.stderr.write(question); // the terminal is ours by now: what is typed from here on is an answer
  const ended = once(lines, 'close').then(() => {
    throw new Error('nothing was entered');
  });
  try {
    return await Promise.race([lines.question(hidden ? '' : question).catch(() => ended), ended]);
  } finally {
    lines.close();
    if (hidden) process.stderr.write('\n');
  }
}

/** Whether there is somebody to ask. */
export const canAsk = (): boolean => process.stdin.isTTY;

/** The option of commands that end something. */
export interface YesOption {
  readonly yes?: boolean;
}

/**
 * Has somebody confirm what is dangerous, unless `--yes` did.
 * @param warn says what it will end, in sentences
 * @param asking does what asks somebody
 * @throws UsageError without a terminal to ask at, Error when the answer is no
 */
export async function confirm(
  options: YesOption,
  warn: () => Promise<string>,
  asking: <T>(ask: () => Promise<T>) => Promise<T> = (ask) => ask(),
): Promise<void> {
  if (options.yes === true) return;
  const warning = await warn();
  if (!canAsk()) throw new UsageError(`${warning} Nothing was done: there is no terminal to ask at, so give --yes to go on`);
  const answer = await asking(() => askLine(`${warning} Go on? [y/N] `, false));
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error('nothing was done');
}
