import { type Command, Option } from 'commander';
import { confirm, type YesOption } from '../terminal/ask.js';
import { fail } from '../terminal/failure.js';
import { FORMATS, Output, type OutputOptions } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';

/** The help of a command. */
export interface Description {
  /** What it does, as a phrase. */
  readonly summary: string;
  /** An example of its use, without `sluice`. */
  readonly example: string;
  /** Further explanation, shown below the options. */
  readonly more?: string;
}

/** The options of a command that needs a confirmation. */
export type DangerousOptions = OutputOptions & YesOption;

/** Adds a command with what every command has: help with an example, and a choice of output formats. */
export function addCommand(parent: Command, name: string, { summary, example, more }: Description): Command {
  const command = parent
    .command(name)
    .description(summary)
    .addOption(new Option('-o, --output <format>', 'output format; all except table contain the whole response').choices(FORMATS))
    .option('--json', 'short for -o json');
  return command.addHelpText('after', `${more === undefined ? '' : `\n${more}\n`}\nExample:\n  $ sluice ${example}`);
}

/** Adds a command that ends or deletes something. It asks for a confirmation unless `--yes` is given. */
export const addDangerousCommand = (parent: Command, name: string, description: Description): Command =>
  addCommand(parent, name, description).option('--yes', 'do not ask for a confirmation; required without a terminal');

/** How a running command prints and asks. */
export interface CommandContext {
  readonly out: Output;
  /** Sets what is shown on a terminal as being done now, if it takes long. */
  now(what: string): void;
  /** Runs a function that may ask somebody at the terminal, while no progress is shown. */
  asking<T>(ask: () => Promise<T>): Promise<T>;
  /** Asks for a confirmation of something dangerous. @throws UsageError without a terminal to ask at, Error when it is refused */
  confirm(options: YesOption, warn: () => Promise<string>): Promise<void>;
}

/** Runs a command, and prints errors in the selected output format. */
export async function run(options: OutputOptions, work: (at: CommandContext) => Promise<void>): Promise<void> {
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
