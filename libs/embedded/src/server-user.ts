import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const OWN = 'sluice-postgres';
/** Another start may be creating the user at the same time, which locks the list of users. */
const TRIES = 20;

/** An operating-system user that a server runs as. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user that PostgreSQL runs as if this process is root, because it refuses to run as root: a separate system user, created
 * the first time. Other services run as `nobody` too, and could read and write the data.
 * @param say receives a message if no users can be created, in which case `nobody` is used
 * @returns undefined for an ordinary user, as whom the server then runs
 */
export async function serverUser(say: (line: string) => void = () => undefined, own = OWN): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  let why = '';
  for (let tries = 0; tries < TRIES; tries++) {
    const known = find(own);
    if (known) return known;
    try {
      execFileSync(
        'useradd',
        ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/bin/false', own],
        {
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      );
    } catch (error) {
      why = (error as Error).message.trim().split('\n').at(-1) ?? '';
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') break;
      await sleep(100);
    }
  }
  const nobody = find('nobody');
  say(
    `PostgreSQL runs as "nobody", because its own user ${own} could not be created (${why}): every process of "nobody" can read its data. Create the user, or start as an ordinary user.`,
  );
  return nobody;
}

function find(name: string): ServerUser | undefined {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { name, uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/** Creates a folder that only the user can access. Files in it that an earlier release created as another user get this owner. */
export function makeFolderFor(folder: string, user: ServerUser | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!user || statSync(folder).uid === user.uid) return;
  // -P follows no link that the earlier owner may have created; the folder itself comes last, so that an interrupted change is repeated
  execFileSync('chown', ['-R', '-h', '-P', `${user.uid}:${user.gid}`, folder]);
}

/** The environment variables that a server inherits: those of a root shell may contain secrets, and a server needs no others. */
export const serverEnvironment = (home: string): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  LC_ALL: 'C',
  LANG: 'C',
  TZ: 'UTC',
  HOME: home,
});
