import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { keptPort, stopChild } from './child.js';
import { StartError } from './home.js';
import { findNats } from './nats-binary.js';
import { recordProcess, stopRecorded } from './recorded-process.js';
import { serverEnvironment } from './server-user.js';

/** A NATS server of ours, running, with JetStream. */
export interface RunningNats {
  readonly url: string;
  readonly version: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** What JetStream may store in all. The stream of facts has a limit that is lower (`SLUICE_AUDIT_STREAM_BYTES`): the rest is room for the policy, also when that is full. */
const STORAGE = '10GiB';

/** The text of a server configuration: JetStream on disk, trust as given. */
export const natsConfig = (listen: string, store: string, trust: string): string =>
  [
    `listen: "${listen}"`,
    'max_payload: 1MB',
    `jetstream { store_dir: "${store}", sync_interval: "10s", max_file_store: ${STORAGE} }`,
    trust,
    '',
  ].join('\n');

/**
 * Starts NATS as a child process with everything in `folder`. Ends a server that an earlier run left behind there.
 * @param trust configuration that says whom it trusts (`busServerConfig`).
 */
export async function startNats(
  folder: string,
  trust: string,
  options: { port?: number; binary?: string } = {},
): Promise<RunningNats> {
  const binary = findNats(options.binary);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const config = path.join(folder, 'nats.conf');
  const record = path.join(folder, 'pid');
  await stopRecorded(record, 'SIGTERM');
  const port = options.port ?? (await keptPort(path.join(folder, 'port')));
  writeFileSync(config, natsConfig(`127.0.0.1:${port}`, path.join(folder, 'jetstream'), trust), { mode: 0o600 });
  const log = path.join(folder, 'nats.log');
  const out = openSync(log, 'a', 0o600);
  const child = spawn(binary.file, ['--config', config], {
    env: serverEnvironment(folder),
    stdio: ['ignore', out, out],
    detached: true,
  });
  closeSync(out); // the child has its own
  recordProcess(record, child.pid);
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  const deadline = Date.now() + 15_000;
  while (!(await answers(port))) {
    if (failure !== undefined || child.exitCode !== null || Date.now() > deadline) {
      await stopChild(child, 'SIGKILL');
      throw new StartError(`NATS did not start${failure === undefined ? '' : ` (${failure})`}; its log is ${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return { url: `nats://127.0.0.1:${port}`, version: binary.version, process: child, stop: () => stopChild(child, 'SIGTERM') };
}

/** Whether a NATS server says its first words on this port. */
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.setTimeout(500, () => {
      socket.destroy();
      resolve(false);
    });
  });
