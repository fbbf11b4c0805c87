import { type Command, Option } from 'commander';
import { UsageError } from '../terminal/failure.js';

/** The option that names a server. `--resource` is what it was called at first, and is understood still. */
export interface ServerOption {
  readonly server?: string;
  readonly resource?: string;
}

/** Adds `--server` to a command. */
export const withServerOption = (command: Command, summary: string): Command =>
  command.option('--server <name>', summary).addOption(new Option('--resource <name>', summary).hideHelp());

/** The server that was named. @throws UsageError if it was named in both ways */
export function serverOf({ server, resource }: ServerOption): string | undefined {
  if (server !== undefined && resource !== undefined) throw new UsageError('--resource is --server: give one of them');
  return server ?? resource;
}
