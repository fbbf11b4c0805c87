import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { untilResponds } from './until-responds.js';
import { keptPort } from './port.js';
import { SupervisedProcess } from './supervised-process.js';
import { findNats } from './nats-binary.js';
import { serverEnvironment } from './server-user.js';
import type { RunningStore, StoreOptions } from './store.js';

/** What JetStream may store in total, in bytes, by default. The stream of facts has a lower limit (`SLUICE_AUDIT_STREAM_BYTES`), so that there is space for the policy even when that stream is full. */
const STORAGE = 10 * 1024 ** 3;
const START_TIMEOUT_MS = 15_000;

/** The place of a server in a cluster. */
export interface ClusterPlace {
  /** Its name, different from that of every other server. */
  readonly server: string;
  /** Where it listens for the other servers. */
  readonly listen: string;
  /** Where all servers listen for each other, as \`host:port\`. */
  readonly routes: readonly string[];
  /** Its certificate, which must have the hosts of the routes, its key, and the authority of the others': PEM files. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
}

/** The part of a server's configuration that makes it a member of a cluster. Servers verify each other's certificates, and tell clients no addresses. */
const clusterConfig = ({ server, listen, routes, tls }: ClusterPlace): string =>
  [
    `server_name: "${server}"`,
    'cluster {',
    '  name: sluice',
    `  listen: "${listen}"`,
    '  no_advertise: true',
    `  routes: [${routes.map((route) => `"tls://${route}"`).join(', ')}]`,
    `  tls { cert_file: "${tls.cert}", key_file: "${tls.key}", ca_file: "${tls.ca}", verify: true, timeout: 5 }`,
    '}',
  ].join('\n');

/** A server configuration: JetStream on disk, with at most `storage` bytes, and the given trust configuration. */
export const natsConfig = (
  listen: string,
  store: string,
  trust: string,
  { place, storage = STORAGE }: { place?: ClusterPlace; storage?: number } = {},
): string =>
  [
    `listen: "${listen}"`,
    'max_payload: 1MB',
    // a client whose machine is lost is noticed within 40 seconds: until then requests go to it that nobody answers
    'ping_interval: "10s"',
    'ping_max: 3',
    `jetstream { store_dir: "${store}", sync_interval: "10s", max_file_store: ${storage} }`,
    trust,
    ...(place === undefined ? [] : [clusterConfig(place)]),
    '',
  ].join('\n');

/**
 * NATS with all its files in `folder`. When it responds, it is ready, with its URL; restarts use the same port.
 * @param trust the configuration of the operator and accounts that it trusts (`busServerConfig`)
 */
export function natsProcess(
  folder: string,
  trust: string,
  options: StoreOptions & { binary?: string } = {},
): SupervisedProcess<string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const config = path.join(folder, 'nats.conf');
  let port: number | undefined;
  return new SupervisedProcess<string>({
    name: 'NATS',
    logFile: path.join(folder, 'nats.log'),
    record: path.join(folder, 'pid'),
    prepare: async () => {
      const binary = findNats(options.binary);
      port ??= await keptPort(path.join(folder, 'port'));
      writeFileSync(config, natsConfig(`127.0.0.1:${port}`, path.join(folder, 'jetstream'), trust), { mode: 0o600 });
      return { file: binary.file, args: ['--config', config], env: serverEnvironment(folder) };
    },
    ready: async (_, signal) => {
      await untilResponds(port as number, () => true, signal);
      return `nats://127.0.0.1:${port}`;
    },
    startTimeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
    reason: /(?<=\[FTL\] ).*/,
    stopSignal: 'SIGTERM',
    restart: options.restart ?? false,
    say: options.say ?? (() => undefined),
  });
}

/** Starts NATS as a child process, which is not restarted. */
export async function startNats(folder: string, trust: string): Promise<RunningStore> {
  const server = natsProcess(folder, trust);
  const url = await server.start();
  return { url, process: server.process, stop: () => server.stop() };
}
