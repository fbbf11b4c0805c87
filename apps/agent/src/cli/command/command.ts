import { type Command, Option } from 'commander';
import { confirm, type YesOption } from '../terminal/ask.js';
import { fail } from '../terminal/failure.js';
import { FORMATS, Output, type OutputOptions } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';

/** What is said of a command in its help. */
export interface Description {
  /** What it does, as a half sentence. */
  readonly says: string;
  /** How it is typed, without `sluice`. */
  readonly example: string;
  /** What one must know before one types it. */
  readonly more?: string;
}

/** The options of a command that ends something. */
export type DangerousOptions = OutputOptions & YesOption;

/** Adds a command that does something, with what every such command has: help with an example, and a choice of output. */
export function addCommand(parent: Command, name: string, { says, example, more }: Description): Command {
  const command = parent
    .command(name)
    .description(says)
    .addOption(
      new Option('-o, --output <format>', 'how the answer is printed; all but table have the whole of it').choices(FORMATS),
    )
    .option('--json', 'short for -o json');
  return command.addHelpText('after', `${more === undefined ? '' : `\n${more}\n`}\nExample:\n  $ sluice ${example}`);
}

/** Adds a command that ends something: it asks first, unless `--yes` says that nobody needs to be asked. */
export const addDangerousCommand = (parent: Command, name: string, description: Description): Command =>
  addCommand(parent, name, description).option('--yes', 'do it without being asked; needed where there is no terminal');

/** What a command at work can say and ask. */
export interface Work {
  readonly out: Output;
  /** Says on a terminal what is done now, where it takes long. */
  now(what: string): void;
  /** Does what may ask somebody at the terminal. */
  asking<T>(ask: () => Promise<T>): Promise<T>;
  /** Asks for a confirmation of what is dangerous. @throws UsageError without a terminal to ask at, Error when it is refused */
  confirm(options: YesOption, warn: () => Promise<string>): Promise<void>;
}

/** Runs a command. What goes wrong is said in one place, in the way that was asked for. */
export async function run(options: OutputOptions, work: (at: Work) => Promise<void>): Promise<void> {
  const out = Output.of(options);
  const progress = Progress.start('working');
  try {
    const asking = async <T>(ask: () => Promise<T>): Promise<T> => {
      progress.pause();
      const answer = await ask();
      progress.resume();
      return answer;
    };
    await work({
      out,
      now: (what) => progress.now(what),
      asking,
      confirm: (given, warn) => confirm(given, warn, asking),
    });
  } catch (error) {
    progress.pause();
    fail(error, out.format);
  } finally {
    progress.pause();
  }
}
