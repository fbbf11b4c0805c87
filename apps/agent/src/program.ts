import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseJson } from '@sluice/domain';

// The packaged agent has the same layout as this folder, with all code in one `dist`, so these relative paths work in both.

/** The program that the `sluice` command runs; used to start the agent as another process. */
export const PROGRAM_FILE = fileURLToPath(new URL('./main.js', import.meta.url));

/** Version of this release, from the package's own description. */
export const VERSION = (
  parseJson(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version;
