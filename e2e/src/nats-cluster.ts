import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findNats, freePort, natsConfig, stopChild, type StoreServer } from '@sluice/embedded';
import { until } from '@sluice/process';
import { testFolder } from '@sluice/testing';

const SERVERS = 3;
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;

interface Member {
  readonly name: string;
  readonly folder: string;
  readonly ports: { readonly client: number; readonly route: number; readonly monitor: number };
  child: ChildProcess | undefined;
}

/** Three nats-server processes on loopback that are one cluster, with TLS between them. */
export class NatsCluster implements StoreServer {
  private constructor(
    private readonly folder: string,
    private readonly members: readonly Member[],
  ) {}

  /** @param trust the configuration of the operator and accounts, and of the certificate, as an installation makes it */
  static async start(trust: string): Promise<NatsCluster> {
    const folder = testFolder('nats-cluster');
    const members: Member[] = [];
    for (let n = 1; n <= SERVERS; n++)
      members.push({
        name: `nats-${n}`,
        folder: path.join(folder, `nats-${n}`),
        ports: { client: await freePort(), route: await freePort(), monitor: await freePort() },
        child: undefined,
      });
    const [, cert = '', key = ''] = /cert_file: "([^"]+)", key_file: "([^"]+)"/.exec(trust) ?? [];
    const tls = { cert, key, ca: path.join(path.dirname(cert), 'bus-ca.pem') };
    const routes = members.map(({ ports }) => `127.0.0.1:${ports.route}`);
    for (const { name, folder: own, ports } of members) {
      mkdirSync(own, { recursive: true });
      const place = { server: name, listen: `127.0.0.1:${ports.route}`, routes, tls };
      const config = natsConfig(`127.0.0.1:${ports.client}`, path.join(own, 'jetstream'), trust, { place });
      writeFileSync(path.join(own, 'nats.conf'), `${config}http: "127.0.0.1:${ports.monitor}"\n`, { mode: 0o600 });
    }
    const cluster = new NatsCluster(folder, members);
    for (const member of members) cluster.run(member);
    await cluster.healthy().catch(async (error: unknown) => {
      await cluster.stop();
      throw error;
    });
    return cluster;
  }

  /** The addresses of all servers. */
  get url(): string {
    return this.members.map(({ ports }) => `nats://127.0.0.1:${ports.client}`).join(',');
  }

  get names(): string[] {
    return this.members.map(({ name }) => name);
  }

  /** Ends a server without a warning. */
  async kill(name: string): Promise<void> {
    const { child } = this.find(name);
    if (child) await stopChild(child, 'SIGKILL', STOP_WITHIN_MS);
  }

  /** Starts a server that was killed, and waits until all streams are up to date again. */
  async restart(name: string): Promise<void> {
    this.run(this.find(name));
    await this.healthy();
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(({ child }) => child && stopChild(child, 'SIGTERM', STOP_WITHIN_MS)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private find(name: string): Member {
    const found = this.members.find((member) => member.name === name);
    if (!found) throw new Error(`there is no server ${name}`);
    return found;
  }

  private run(member: Member): void {
    const log = openSync(path.join(member.folder, 'log'), 'a');
    member.child = spawn(findNats(undefined).file, ['--config', path.join(member.folder, 'nats.conf')], {
      stdio: ['ignore', log, log],
    });
  }

  /** Waits until every server reports that it is well: part of the cluster, and its replicas of streams and consumers current. */
  private async healthy(): Promise<void> {
    const responses = () =>
      Promise.all(this.members.map(({ ports }) => fetch(`http://127.0.0.1:${ports.monitor}/healthz`).catch(() => undefined)));
    await until(
      async () => (await responses()).every((response) => response?.ok === true),
      AbortSignal.timeout(READY_WITHIN_MS),
      200,
    );
  }
}
