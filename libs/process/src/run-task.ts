import { ConfigError } from './read-environment.js';
import { wordsOf } from './words-of.js';

/**
 * What the main file of a one-shot program does: a failure is reported in a sentence, never as a stack trace, and
 * the process ends with 2 for a configuration that cannot be used, else with 1.
 */
export async function runTask(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${name}: ${wordsOf(error)}\n`);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}
