import { ConfigError } from './read-environment.js';

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

/** Node says nothing of its own where a name has several addresses and none of them accepts. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordsOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
