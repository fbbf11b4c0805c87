import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The package of an agent is laid out like this folder, with all code in one `dist`: what is found from here is found there too.

/** The program that `sluice` runs, for another process of it. */
export const PROGRAM_FILE = fileURLToPath(new URL('./main.js', import.meta.url));

/** Version of this release, from the package's own description. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }
).version;
