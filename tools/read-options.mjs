// Options of the npm commands: `--help` prints them, and anything unknown is wrong usage (exit status 2).
import { parseArgs } from 'node:util';

/**
 * Reads a command's options. It does not return if help was requested, or if an option is unknown.
 * @param name of the command, in front of its messages
 * @param usage what `--help` prints
 * @param options as for `parseArgs` of node:util
 */
export function readOptions(name, usage, options = {}) {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } });
    if (!values.help) return values;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${name}: ${error.message}\n${usage}`);
    process.exit(2);
  }
}
