import { ConfigError } from './read-environment.js';
import { errorMessage } from './error-message.js';

/**
 * Runs the main function of a one-shot program: a failure is reported in a sentence, never as a stack trace, and
 * the process exits with 2 for an invalid configuration, otherwise with 1.
 */
export async function runTask(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`${name}: ${errorMessage(error)}\n`);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}
