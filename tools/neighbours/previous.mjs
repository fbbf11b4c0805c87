// The previous release: which commit it is, and a checkout of it that is built.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What counts as the previous release while there is no tag: the first commit with all parts of the chart. */
const BEFORE_THE_FIRST_TAG = '1aeccf4eba87e7085935fee9545a53dacdbaf114';

/**
 * Which commit the previous release is.
 * @param asked what the command line names, if it does
 * @param tags the tags in the history before this commit, the newest first
 * @param untagged what it is where there is no tag
 */
export const previousOf = (asked, tags, untagged) => asked ?? tags.find((tag) => /^v?\d+\.\d+\.\d+$/.test(tag)) ?? untagged;

/** The environment without what npm and the settings of this checkout would change in another one. */
export const cleanEnvironment = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|SLUICE_|INIT_CWD$|NODE_OPTIONS$)/i.test(name)));

const git = (root, ...args) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();

/** Runs a command to its end, with its output on the error stream, so that the table stays alone on the other. @throws Error if it fails */
export async function run(cwd, file, args) {
  const child = spawn(file, args, { cwd, env: cleanEnvironment(), stdio: ['ignore', 2, 2] });
  const status = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}`);
}

/**
 * Checks out the previous release in a folder of its own.
 * @param untagged its commit where there is no tag
 * @returns its folder, the subject of its commit, and what removes it
 */
export function checkOutPrevious(root, asked, untagged) {
  const tags = git(root, 'tag', '--merged', 'HEAD', '--no-contains', 'HEAD', '--sort=-creatordate').split('\n');
  const ref = previousOf(asked, tags, untagged);
  const commit = git(root, 'rev-parse', '--verify', '--quiet', `${ref}^{commit}`);
  const place = mkdtempSync(path.join(tmpdir(), 'sluice-previous-'));
  chmodSync(place, 0o711); // the user that PostgreSQL runs as must be able to enter
  const checkout = path.join(place, 'checkout');
  const remove = () => {
    git(root, 'worktree', 'remove', '--force', checkout);
    rmSync(place, { recursive: true, force: true });
  };
  git(root, 'worktree', 'add', '--quiet', '--detach', checkout, commit);
  return { checkout, subject: git(root, 'log', '-1', '--format=%h %s', commit), remove };
}

/** Checks it out and builds it. Packages are those of this checkout where the lockfile is the same. */
export async function buildPrevious(root, asked) {
  const previous = checkOutPrevious(root, asked, BEFORE_THE_FIRST_TAG);
  const { checkout } = previous;
  try {
    const lockOf = (folder) => readFileSync(path.join(folder, 'package-lock.json'), 'utf8');
    if (lockOf(root) === lockOf(checkout)) await run(root, 'cp', ['-al', 'node_modules', path.join(checkout, 'node_modules')]);
    else await run(checkout, 'npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline']);
    await run(checkout, process.execPath, ['tools/build.mjs']);
  } catch (error) {
    previous.remove();
    throw error;
  }
  return previous;
}

/** The previous release in a checkout that somebody else has built. */
export const builtPrevious = (checkout) => ({
  checkout: path.resolve(checkout),
  subject: git(checkout, 'log', '-1', '--format=%h %s'),
  remove: () => undefined,
});
