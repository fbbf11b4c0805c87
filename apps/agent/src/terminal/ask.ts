import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UsageError } from './failure.js';

/** Asks for a line at the terminal. @param hidden whether the typed text is not shown. @throws Error when it is cancelled (Ctrl-C, Ctrl-D) */
export async function askLine(question: string, hidden: boolean): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: hidden ? silent : process.stderr, terminal: true });
  if (hidden) process.stderr.write(question); // only now, because text typed before readline has the terminal would be shown
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

/** Whether there is a terminal at which to ask. */
export const canAsk = (): boolean => process.stdin.isTTY;

/** The option of commands that need a confirmation. */
export interface YesOption {
  readonly yes?: boolean;
}

/**
 * Asks for a confirmation of a dangerous command, unless `--yes` was given.
 * @param warn returns what the command will end, in whole sentences
 * @param asking wraps the question, so that the caller can clear the terminal for it
 * @throws UsageError without a terminal to ask at, Error when the answer is no
 */
export async function confirm(
  options: YesOption,
  warn: () => Promise<string>,
  asking: <T>(ask: () => Promise<T>) => Promise<T> = (ask) => ask(),
): Promise<void> {
  if (options.yes === true) return;
  const warning = await warn();
  if (!canAsk()) throw new UsageError(`${warning} Nothing was done: there is no terminal to ask at, so give --yes to continue`);
  const answer = await asking(() => askLine(`${warning} Go on? [y/N] `, false));
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error('nothing was done');
}
