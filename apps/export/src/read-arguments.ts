import { parseArgs } from 'node:util';
import { ConfigError, errorMessage } from '@sluice/process';
import { DESTINATIONS } from './config.js';

/** What `--help` prints. */
export const USAGE = `Usage: node main.js [--test]

Delivers the audit events of a SIEM reader to one destination until it is stopped (docs/siem.md).

  --test     send one event that is marked as a test, look whether the reader's events could be received, and exit with 0 or 1
  -h, --help print this

Environment (docs/configuration.md has all variables):
  NATS_URL                        addresses of NATS, with commas between them
  SLUICE_EXPORT_CREDENTIALS_FILE  the reader's credentials, as \`sluice admin siem create\` writes them
  SLUICE_EXPORT_BUS_CA_FILE       the authority of NATS's certificate, if it is not one that Node trusts
  SLUICE_EXPORT_STREAM            OCSF for a reader of that format
  SLUICE_EXPORT_HOME              a folder that exists, for the quarantine and the destination \`file\`
  SLUICE_EXPORT_DESTINATION       ${DESTINATIONS.join(', ')}
  SLUICE_EXPORT_URL               where it is; or SLUICE_EXPORT_URL_FILE, for a URL that is secret
`;

/** Reads the arguments of the program. @throws ConfigError for any other */
export function readArguments(args: readonly string[]): { readonly test: boolean; readonly help: boolean } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { test: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    });
    return values;
  } catch (cause) {
    throw new ConfigError(`${errorMessage(cause)}\n\n${USAGE}`, { cause });
  }
}
