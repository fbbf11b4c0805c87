import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ended, keptPort, stopChild, stopLeftover } from './child.js';
import { StartError, unreachableFolder } from './home.js';
import { findPostgres } from './postgres-binaries.js';

/** A PostgreSQL server of ours, running. */
export interface RunningPostgres {
  /** Connection URL of the owner. Secret. */
  readonly url: string;
  readonly version: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** The user that PostgreSQL runs as when we are root: it refuses to run as root. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody']));
  return { uid: id('-u'), gid: id('-g') };
}

/**
 * Starts PostgreSQL as a child process with its data in `folder/data` and its log in `folder/postgres.log`; makes the
 * data the first time. Ends a server that an earlier run left behind on the same data.
 */
export async function startPostgres(folder: string, password: string, options: { port?: number } = {}): Promise<RunningPostgres> {
  const user = unprivileged();
  const { bin, version } = findPostgres(user !== undefined, path.join(folder, 'program'));
  const data = path.join(folder, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o711);
  if (user) {
    const closed = unreachableFolder(folder);
    if (closed !== undefined) {
      throw new StartError(
        `PostgreSQL cannot run as root, so it runs as "nobody", who cannot pass through ${closed}. Set SLUICE_HOME to a folder that others can pass through (such as /var/lib/sluice), or start as an ordinary user`,
      );
    }
    chownSync(data, user.uid, user.gid);
  }
  chmodSync(data, 0o700);
  const environment = { ...user, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' } }; // nothing else of ours is its business
  if (!existsSync(path.join(data, 'PG_VERSION'))) {
    const passwordFile = path.join(data, '..', `.password-${process.pid}`);
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (user) chownSync(passwordFile, user.uid, user.gid);
    try {
      const args = [
        '-D',
        data,
        '-U',
        'sluice',
        `--pwfile=${passwordFile}`,
        '-A',
        'scram-sha-256',
        '-E',
        'UTF8',
        '--locale=C.UTF-8',
        '--no-instructions',
      ];
      execFileSync(path.join(bin, 'initdb'), args, { ...environment, stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (cause) {
      rmSync(data, { recursive: true, force: true });
      throw new StartError(`PostgreSQL could not make its data in ${data}: ${(cause as Error).message}`, { cause });
    } finally {
      rmSync(passwordFile, { force: true });
    }
  }
  await stopLeftover(path.join(data, 'postmaster.pid'), data, 'SIGINT');
  const port = options.port ?? (await keptPort(path.join(folder, 'port')));
  const log = path.join(folder, 'postgres.log');
  const out = openSync(log, 'a', 0o600);
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'unix_socket_directories=',
    '-c',
    'max_connections=100',
  ];
  const child = spawn(path.join(bin, 'postgres'), args, { ...environment, stdio: ['ignore', out, 'pipe'], detached: true });
  child.once('close', () => closeSync(out)); // all that it and its processes said is written
  await readyLine(child, log, out);
  const url = `postgres://sluice:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  return { url, version, process: child, stop: () => stopChild(child, 'SIGINT') };
}

async function readyLine(child: ChildProcess, log: string, out: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      writeSync(out, chunk);
      if (chunk.includes('ready to accept connections')) resolve();
    });
    void ended(child).then(() => reject(new StartError(`PostgreSQL ended while it started; its log is ${log}`)));
    child.once('error', (cause) => reject(new StartError(`PostgreSQL could not be started: ${cause.message}`, { cause })));
  });
}
