import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

/** A start that failed for a reason that the person at the terminal can fix. Printed without a stack trace. */
export class StartError extends Error {
  override readonly name = 'StartError';
  /** 2 if a setting is invalid. */
  readonly exitStatus: 1 | 2 = 1;
}

/** A home that cannot be used. */
class HomeError extends StartError {
  override readonly exitStatus = 2;
}

const asRoot = process.getuid?.() === 0;

/** Rejects a home where Node's recursive mkdir would loop indefinitely. @throws StartError if it is below /proc or /sys */
export function checkHome(home: string): void {
  if (/^\/(proc|sys)(\/|$)/.test(path.resolve(home)))
    throw new HomeError(`the folder ${home} (SLUICE_HOME) is on a file system of the kernel, which keeps no files`);
}

/** Rejects a folder that somebody else created: they may know its content, above all secrets. @throws StartError */
function assertOurs(folder: string): void {
  const foreign = [lstatSync(folder), statSync(folder)].find(({ uid }) => uid !== process.getuid?.()); // also the owner of a symbolic link
  if (foreign)
    throw new HomeError(
      `the folder ${folder} (SLUICE_HOME) belongs to another user (uid ${foreign.uid}): make it yours, or choose another`,
    );
}

/** Creates the home folder: 0700; as root 0711, because PostgreSQL then runs as another user. Secrets are in `secrets/`, 0700. */
export function prepareHome(home: string): string {
  const secrets = path.join(home, 'secrets');
  checkHome(home);
  try {
    mkdirSync(home, { recursive: true });
    assertOurs(home);
    chmodSync(home, asRoot ? 0o711 : 0o700);
    mkdirSync(secrets, { recursive: true, mode: 0o700 });
    assertOurs(secrets);
    chmodSync(secrets, 0o700);
    accessSync(home, constants.W_OK | constants.X_OK);
  } catch (cause) {
    if (cause instanceof StartError) throw cause;
    throw new HomeError(`the folder ${home} (SLUICE_HOME) cannot be written: ${(cause as Error).message}`, { cause });
  }
  return secrets;
}

/**
 * The default home of a checkout's installation: in the checkout, or, for root if the users that the
 * servers run as cannot enter it, in a separate folder under `parent`. @throws StartError if that cannot be created
 */
export function defaultHome(root: string, parent = '/var/lib/sluice'): string {
  if (!asRoot || unreachableFolder(root) === undefined) return path.join(root, '.sluice');
  try {
    mkdirSync(parent, { recursive: true });
    chmodSync(parent, 0o711); // whatever umask root has
  } catch (cause) {
    throw new HomeError(
      `${root} cannot be entered by the user that PostgreSQL runs as, and ${parent} cannot be created (${(cause as Error).message}). Set SLUICE_HOME to a folder that others can enter`,
      { cause },
    );
  }
  return path.join(parent, createHash('sha256').update(root).digest('hex').slice(0, 12));
}

/** The first folder in the path `to` that another user cannot enter, or undefined. */
export function unreachableFolder(to: string): string | undefined {
  for (let folder = path.resolve(to); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return folder;
  }
  return undefined;
}

/** A secret in a separate file, 0600, which `make` generates the first time. @throws StartError if the file exists and is empty */
export function keptSecret(file: string, make: () => string): string {
  if (!existsSync(file)) writeWhole(file, `${make()}\n`);
  const secret = readFileSync(file, 'utf8').trim();
  if (secret === '')
    throw new StartError(
      `${file} is empty, and its content cannot be generated again. Restore it from a backup, or remove it if this installation has never run`,
    );
  return secret;
}

/** Writes a file atomically: it exists with its complete text or not at all, even if the process or the machine crashes. An existing file is kept. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flush: true });
    if (!existsSync(file)) renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}
