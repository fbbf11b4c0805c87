import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ended, keptPort, stopChild } from './child.js';
import { StartError, unreachableFolder } from './home.js';
import { findPostgres } from './postgres-binaries.js';
import { recordProcess, stopRecorded } from './recorded-process.js';
import { giveFolder, serverEnvironment, serverUser } from './server-user.js';

/** A PostgreSQL server of ours, running. */
export interface RunningPostgres {
  /** Connection URL of the owner. Secret. */
  readonly url: string;
  readonly version: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 120_000; // after a crash it reads its log first

/** How a PostgreSQL of ours is started. */
export interface PostgresOptions {
  readonly port?: number;
  readonly startTimeoutMs?: number;
  /** Hears what a person should know. */
  readonly say?: (line: string) => void;
}

/**
 * Starts PostgreSQL as a child process with its data in `folder/data` and its log in `folder/postgres.log`; makes the
 * data the first time. Ends a server that an earlier run left behind on the same data.
 */
export async function startPostgres(folder: string, password: string, options: PostgresOptions = {}): Promise<RunningPostgres> {
  const user = await serverUser(options.say);
  const { bin, version } = findPostgres(user !== undefined, path.join(folder, 'program'));
  const data = path.join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  if (user) {
    const closed = unreachableFolder(folder);
    if (closed !== undefined) {
      throw new StartError(
        `PostgreSQL cannot run as root, so it runs as "${user.name}", who cannot pass through ${closed}. Set SLUICE_HOME to a folder that others can pass through (such as /var/lib/sluice), or start as an ordinary user`,
      );
    }
  }
  const record = path.join(folder, 'pid');
  await stopRecorded(record, 'SIGINT'); // before its files change hands
  giveFolder(data, user);
  chmodSync(data, 0o700);
  const environment = { ...(user && { uid: user.uid, gid: user.gid }), env: serverEnvironment(data) };
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
  recordProcess(record, child.pid);
  child.once('close', () => closeSync(out)); // all that it and its processes said is written
  await readyLine(child, log, out, options.startTimeoutMs ?? START_TIMEOUT_MS);
  const url = `postgres://sluice:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  return { url, version, process: child, stop: () => stopChild(child, 'SIGINT') };
}

/** Waits until the server says that it is ready. One that is not ready in time is dead when this rejects. */
async function readyLine(child: ChildProcess, log: string, out: number, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => reject(new StartError(`PostgreSQL did not start in time; its log is ${log}`)), timeoutMs);
    child.stderr?.on('data', (chunk: Buffer) => {
      writeSync(out, chunk);
      if (chunk.includes('ready to accept connections')) resolve();
    });
    void ended(child).then(() => reject(new StartError(`PostgreSQL ended while it started; its log is ${log}`)));
    child.once('error', (cause) => reject(new StartError(`PostgreSQL could not be started: ${cause.message}`, { cause })));
  })
    .catch(async (error: unknown) => {
      await stopChild(child, 'SIGKILL'); // what was given up must not go on beside its successor
      throw error;
    })
    .finally(() => clearTimeout(timer));
}
