import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { untilResponds } from './until-responds.js';
import { keptPort } from './port.js';
import { StartError, unreachableFolder } from './home.js';
import { type Command, SupervisedProcess } from './supervised-process.js';
import { findPostgres } from './postgres-binaries.js';
import { makeFolderFor, serverEnvironment, serverUser } from './server-user.js';
import type { RunningStore, StoreOptions } from './store.js';

const START_TIMEOUT_MS = 120_000; // after a crash it replays its write-ahead log first
/** Matches why it ends, but not its responses during recovery. */
const REASON = /(?<=(FATAL|PANIC): {2})(?!the database system is ).*/;
const OWNER = 'sluice';
const DATABASE = 'postgres';

/**
 * PostgreSQL with its data in `folder/data` and its log in `folder/postgres.log`. When its owner can connect, it is ready,
 * with the owner's URL; restarts use the same port. The data is created the first time.
 */
export function postgresProcess(folder: string, password: string, options: StoreOptions = {}): SupervisedProcess<string> {
  let port: number | undefined;
  return new SupervisedProcess<string>({
    name: 'PostgreSQL',
    logFile: path.join(folder, 'postgres.log'),
    record: path.join(folder, 'pid'),
    prepare: async () => {
      const server = await prepareData(folder, password, options.say);
      port ??= await keptPort(path.join(folder, 'port'));
      const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=100'];
      const args = ['-D', server.data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
      return { ...server, file: path.join(server.bin, 'postgres'), args };
    },
    ready: async (_, signal) => {
      await untilResponds(port as number, asksForPassword, signal, startupMessage());
      return `postgres://${OWNER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${DATABASE}`;
    },
    startTimeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
    reason: REASON,
    stopSignal: 'SIGINT',
    restart: options.restart ?? false,
    say: options.say ?? (() => undefined),
  });
}

/** Starts PostgreSQL as a child process, which is not restarted. */
export async function startPostgres(folder: string, password: string, options: StoreOptions = {}): Promise<RunningStore> {
  const server = postgresProcess(folder, password, options);
  const url = await server.start();
  return { url, process: server.process, stop: () => server.stop() };
}

/** Creates the data the first time, owned by the user that PostgreSQL runs as. */
async function prepareData(
  folder: string,
  password: string,
  say: StoreOptions['say'],
): Promise<{ bin: string; data: string } & Pick<Command, 'env' | 'user'>> {
  const user = await serverUser(say);
  const { bin } = findPostgres(user !== undefined, path.join(folder, 'program'));
  const data = path.join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  if (user) {
    const closed = unreachableFolder(folder);
    if (closed !== undefined) {
      throw new StartError(
        `PostgreSQL cannot run as root, so it runs as "${user.name}", who cannot enter ${closed}. Set SLUICE_HOME to a folder that others can enter (such as /var/lib/sluice), or start as an ordinary user`,
      );
    }
  }
  makeFolderFor(data, user);
  chmodSync(data, 0o700);
  const env = serverEnvironment(data);
  if (!existsSync(path.join(data, 'PG_VERSION'))) {
    const passwordFile = path.join(folder, `.password-${process.pid}`);
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (user) chownSync(passwordFile, user.uid, user.gid);
    const options = ['-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C.UTF-8', '--no-instructions'];
    try {
      execFileSync(path.join(bin, 'initdb'), ['-D', data, '-U', OWNER, `--pwfile=${passwordFile}`, ...options], {
        env,
        uid: user?.uid,
        gid: user?.gid,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
    } catch (cause) {
      rmSync(data, { recursive: true, force: true });
      throw new StartError(
        `PostgreSQL could not create its data in ${data}: ${REASON.exec(String((cause as { stderr?: Buffer }).stderr))?.[0] ?? (cause as Error).message}`,
        { cause },
      );
    } finally {
      rmSync(passwordFile, { force: true });
    }
  }
  return { bin, data, env, user };
}

/** The first message of a client (version 3.0 of the protocol): its user and database. */
function startupMessage(): Buffer {
  const text = Buffer.from(`user\0${OWNER}\0database\0${DATABASE}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + text.length, 0);
  head.writeInt32BE(3 << 16, 4);
  return Buffer.concat([head, text]);
}

/** During recovery a server responds with an error; when it accepts clients, it asks for their password. */
const asksForPassword = (answer: Buffer): boolean => answer[0] === 'R'.charCodeAt(0);
