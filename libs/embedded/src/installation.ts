import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { keptSecret, prepareHome, StartError } from './home.js';
import { lockHome } from './home-lock.js';
import { KeptServer, type RunningServer } from './kept-server.js';
import { LOG_BYTES, LogRotation } from './log-rotation.js';
import { startNats } from './nats.js';
import { startPostgres } from './postgres.js';
import type { NodeRuntime } from '@sluice/process';
import { ServiceProcess } from './service-process.js';

/** The first administrator of an embedded installation. */
export const FIRST_ADMIN_EMAIL = 'admin@sluice.local';
/** Every address: the embedded relay may dial whatever this machine can reach, its loopback too. */
const EVERYWHERE = '0.0.0.0/0,::/0';

export interface InstallationOptions {
  /** The checkout, compiled. */
  readonly root: string;
  readonly home: string;
  readonly httpPort: number;
  readonly tunnelPort: number;
  /** Servers in place of the embedded ones; NATS is told whom to trust by a piece of configuration. */
  readonly postgres?: (() => Promise<StoreServer>) | undefined;
  readonly nats?: ((trust: string) => Promise<StoreServer>) | undefined;
  readonly natsBinary?: string | undefined;
  readonly restart: boolean;
  /** The Node that runs the services. */
  readonly runtime: NodeRuntime;
  /** Bytes that each log file may have before it is rotated; 10 MiB when nothing is said. */
  readonly logBytes?: number | undefined;
  /** More environment for a service, by its name. */
  readonly env?: Record<string, Record<string, string>>;
  readonly say: (line: string) => void;
}

/** A store that somebody runs for us. */
export interface StoreServer {
  /** Connection URL. Secret. */
  readonly url: string;
  stop(): Promise<void>;
}

export type ServiceName = 'registry' | 'audit' | 'health' | 'gateway' | 'relay';

/** The whole system on one machine: PostgreSQL and NATS where none are given, and every service as a process of its own. */
export class Installation {
  readonly services = new Map<string, ServiceProcess>();
  postgres: StoreServer | undefined;
  nats: StoreServer | undefined;

  private readonly rotation: LogRotation;

  private constructor(
    readonly options: InstallationOptions,
    private readonly secrets: string,
    private readonly unlock: () => void,
  ) {
    const folders = ['logs', 'postgres', 'nats'].map((name) => path.join(options.home, name));
    this.rotation = new LogRotation(folders, options.logBytes ?? LOG_BYTES, options.say);
  }

  /** Starts everything and waits until the first session could be carried. What was started is stopped when it fails. @throws StartError */
  static async start(options: InstallationOptions, compiled: Promise<unknown> = Promise.resolve()): Promise<Installation> {
    const secrets = prepareHome(options.home);
    const installation = new Installation(options, secrets, lockHome(options.home));
    try {
      await Promise.all([assertFree(options.httpPort, 'SLUICE_HTTP_PORT'), assertFree(options.tunnelPort, 'SLUICE_TUNNEL_PORT')]);
      await installation.run(compiled);
    } catch (error) {
      await installation.stop();
      throw error;
    }
    return installation;
  }

  /** URL of the API. */
  get url(): string {
    return `http://127.0.0.1:${String(this.service('gateway').announcement['httpPort'])}`;
  }

  get adminPasswordFile(): string {
    return path.join(this.options.home, 'admin-password');
  }

  /** A service by its name. */
  service(name: string): ServiceProcess {
    const service = this.services.get(name);
    if (!service) throw new Error(`there is no service ${name}`);
    return service;
  }

  /** Starts one more relay beside the first, from an enrolment token; `within` is a command that runs it, such as `ip netns exec NAME`. */
  async addRelay(name: string, env: Record<string, string>, within?: readonly string[]): Promise<ServiceProcess> {
    const relay = this.makeService(name, 'relay', this.relayEnvironment(name), env, within);
    await relay.start();
    return relay;
  }

  /** Starts one more gateway beside the first. Its tunnel port is on loopback. */
  async addGateway(
    name: string,
    ports: { http: number; tunnel: number },
    env: Record<string, string> = {},
  ): Promise<ServiceProcess> {
    const gateway = this.makeService(name, 'gateway', this.gatewayEnvironment(), {
      SLUICE_HTTP_ADDRESS: `127.0.0.1:${ports.http}`,
      SLUICE_TUNNEL_ADDRESS: `127.0.0.1:${ports.tunnel}`,
      SLUICE_GATEWAY_NAME: name,
      ...env,
    });
    await gateway.start();
    return gateway;
  }

  /** Stops everything: relays first, so that sessions end in order, the stores last. */
  async stop(): Promise<void> {
    const order = [...this.services].sort(([a], [b]) => rank(a) - rank(b));
    for (const group of [0, 1, 2]) {
      await Promise.all(order.filter(([name]) => rank(name) === group).map(([, service]) => service.stop(15_000)));
    }
    await Promise.all([this.nats?.stop(), this.postgres?.stop()]);
    await this.rotation.stop();
    this.unlock();
  }

  private async run(compiled: Promise<unknown>): Promise<void> {
    const { home } = this.options;
    mkdirSync(path.join(home, 'logs'), { recursive: true, mode: 0o700 });
    this.rotation.start();
    keptSecret(this.adminPasswordFile, () => randomBytes(16).toString('base64url'));
    keptSecret(path.join(this.secrets, 'ca-seal-key'), () => randomBytes(32).toString('hex'));
    // what loads code and what starts servers goes on side by side: this is most of the time that a start takes
    const steps = [
      import('./provision.js'),
      compiled.then(() => Promise.all([this.loadMigration('registry'), this.loadMigration('audit')])),
      this.startPostgres(),
      this.startNats(),
    ] as const;
    await Promise.allSettled(steps); // where one fails, the others must be there to be stopped
    const [{ provisionDatabase }, migrate, postgres] = await Promise.all(steps);
    const urls = await provisionDatabase(postgres.url, this.secrets, this.options.postgres === undefined ? 'sluice' : undefined);
    for (const bringUpToDate of migrate) await bringUpToDate(urls.owner);
    await this.startServices(urls);
  }

  private busEnvironment(service: string): Record<string, string> {
    return { NATS_URL: this.nats?.url ?? '', SLUICE_BUS_CREDENTIALS_FILE: path.join(this.secrets, `bus-${service}.json`) };
  }

  private gatewayEnvironment(): Record<string, string> {
    return { ...this.busEnvironment('gateway'), SLUICE_AGENT_PACKAGE: path.join(this.options.root, 'apps', 'agent', 'packed') };
  }

  private async startServices(urls: { registry: string; audit: string }): Promise<void> {
    const { httpPort, tunnelPort } = this.options;
    const common = (service: string) => this.busEnvironment(service);
    const registry = this.makeService('registry', 'registry', {
      ...common('registry'),
      DATABASE_URL: urls.registry,
      SLUICE_BUS_RELAYS_SEED_FILE: path.join(this.secrets, 'bus-relays-seed'),
      SLUICE_CA_SEAL_KEY_FILE: path.join(this.secrets, 'ca-seal-key'),
      SLUICE_PUBLIC_URL: `http://127.0.0.1:${httpPort}`,
      SLUICE_FIRST_ADMIN_EMAIL: FIRST_ADMIN_EMAIL,
      SLUICE_FIRST_ADMIN_PASSWORD_FILE: this.adminPasswordFile,
      SLUICE_FIRST_NODE_TOKEN_FILE: path.join(this.secrets, 'first-node-token'),
    });
    const gateway = this.makeService('gateway', 'gateway', {
      ...this.gatewayEnvironment(),
      SLUICE_HTTP_ADDRESS: `127.0.0.1:${httpPort}`,
      SLUICE_TUNNEL_ADDRESS: `127.0.0.1:${tunnelPort}`,
      SLUICE_GATEWAY_NAME: 'gateway-1',
      SLUICE_DRAIN_SECONDS: '2',
    });
    const audit = this.makeService('audit', 'audit', { ...common('audit'), DATABASE_URL: urls.audit });
    const health = this.makeService('health', 'health', common('health'));
    const relay = this.makeService('relay', 'relay', this.relayEnvironment('relay'));
    await Promise.all([registry, gateway, audit, health, relay].map((service) => service.start()));
    await this.untilReady('relay');
  }

  private relayEnvironment(name: string): Record<string, string> {
    const relayHome = path.join(this.options.home, 'relays', name);
    const token = path.join(this.secrets, 'first-node-token');
    const allow = process.env['SLUICE_EGRESS_ALLOW'] ?? EVERYWHERE;
    const deny = process.env['SLUICE_EGRESS_DENY'];
    return {
      SLUICE_RELAY_HOME: relayHome,
      SLUICE_JOURNAL: 'kept',
      SLUICE_EGRESS_ALLOW: allow,
      ...(deny === undefined ? {} : { SLUICE_EGRESS_DENY: deny }),
      SLUICE_DRAIN_SECONDS: '2',
      ...(existsSync(path.join(relayHome, 'identity.json')) ? {} : { SLUICE_ENROLMENT_TOKEN_FILE: token }),
    };
  }

  /** @param own what this one alone is told: it goes before what the installation tells all of an app */
  private makeService(
    name: string,
    app: ServiceName,
    env: Record<string, string>,
    own: Record<string, string> = {},
    within?: readonly string[],
  ): ServiceProcess {
    const { root, home, restart, runtime, say } = this.options;
    const main = path.join(root, 'apps', app, 'dist', 'main.js');
    const service = new ServiceProcess({
      name,
      node: runtime.file,
      main,
      env: { ...env, ...this.options.env?.[app], ...own },
      within,
      logFile: path.join(home, 'logs', `${name}.log`),
      restart,
      say,
    });
    this.services.set(name, service);
    return service;
  }

  private async startPostgres(): Promise<StoreServer> {
    const folder = path.join(this.options.home, 'postgres');
    const password = () => keptSecret(path.join(this.secrets, 'postgres-owner'), () => randomBytes(24).toString('base64url'));
    this.postgres = await (this.options.postgres?.() ??
      this.keep('PostgreSQL', path.join(folder, 'postgres.log'), (port) =>
        startPostgres(folder, password(), { ...port, say: this.options.say }),
      ));
    return this.postgres;
  }

  private async startNats(): Promise<StoreServer> {
    const { prepareBus } = await import('./provision.js');
    const trust = await prepareBus(this.secrets);
    writeFileSync(path.join(this.options.home, 'nats-trust.conf'), `${trust}\n`, { mode: 0o644 }); // public: a NATS server of somebody else's includes it
    const binary = this.options.natsBinary === undefined ? {} : { binary: this.options.natsBinary };
    const folder = path.join(this.options.home, 'nats');
    this.nats = await (this.options.nats?.(trust) ??
      this.keep('NATS', path.join(folder, 'nats.log'), (port) => startNats(folder, trust, { ...binary, ...port })));
    return this.nats;
  }

  private keep(
    name: string,
    logFile: string,
    start: (options: { port?: number }) => Promise<RunningServer>,
  ): Promise<KeptServer> {
    const { restart, say } = this.options;
    return KeptServer.start({ name, logFile, restart, say, start: (port) => start(port === undefined ? {} : { port }) });
  }

  /** A service's migration, from its compiled code: loaded while the servers start. */
  private async loadMigration(app: 'registry' | 'audit'): Promise<(ownerUrl: string) => Promise<unknown>> {
    const file = path.join(this.options.root, 'apps', app, 'dist', 'migrate.js');
    const { migrateSchema } = (await import(pathToFileURL(file).href)) as {
      migrateSchema: (ownerUrl: string) => Promise<unknown>;
    };
    return (ownerUrl) =>
      migrateSchema(ownerUrl).catch((cause: unknown) => {
        throw new StartError(`the tables of ${app} could not be brought up to date: ${(cause as Error).message}`, { cause });
      });
  }

  private async untilReady(name: string): Promise<void> {
    const { operationsPort } = this.service(name).announcement;
    const deadline = Date.now() + 30_000;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${operationsPort}/readyz`).catch(() => undefined);
      if (answer?.ok === true) return;
      if (Date.now() > deadline) throw new StartError(`${name} did not become ready: ${(await answer?.text()) ?? 'no answer'}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const rank = (service: string): number => (service.startsWith('relay') ? 0 : service === 'registry' ? 2 : 1);

function assertFree(port: number, setting: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be listened on (${error.code})`;
      reject(new StartError(`port ${port} ${why}: set ${setting} to a free one`, { cause: error }));
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}
