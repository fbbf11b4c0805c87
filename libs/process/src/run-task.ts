import { ConfigError } from './read-environment.js';
import { wordsOf } from './words-of.js';

/**
 * What the main file of a program does that ends by itself: what it fails for is said in a sentence, never in a stack, and
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
