import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assertFree } from './assert-free.js';
import { keptSecret, prepareHome, StartError } from './home.js';
import { lockHome } from './home-lock.js';
import type { InstallationOptions } from './installation-options.js';
import type { KeptProcess } from './kept-process.js';
import { countLiveSessions, waitingLine } from './live-sessions.js';
import { loadMigration } from './load-migration.js';
import { LOG_BYTES, LogRotation } from './log-rotation.js';
import { natsProcess } from './nats.js';
import { postgresProcess } from './postgres.js';
import { stopRecorded } from './recorded-process.js';
import { ServiceProcess } from './service-process.js';
import type { StoreServer } from './store.js';

/** The first administrator of an embedded installation. */
export const FIRST_ADMIN_EMAIL = 'admin@sluice.local';
/** Every address: the embedded relay may dial whatever this machine can reach, its loopback too. */
const EVERYWHERE = '0.0.0.0/0,::/0';
/** In which order services stop: sessions end in order while there is somebody to record them. */
const STOP_ORDER: Record<ServiceName, number> = { relay: 0, gateway: 0, audit: 1, health: 1, registry: 2 };
/** What a service may take to stop, besides its drain, in milliseconds. */
const STOP_WITHIN_MS = 15_000;
/** After so long what carries nothing has ended, in milliseconds. */
const LOOK_AFTER_MS = 500;

export type ServiceName = 'registry' | 'audit' | 'health' | 'gateway' | 'relay';

/** The whole system on one machine: PostgreSQL and NATS where none are given, and every service as a process of its own. */
export class Installation {
  readonly services = new Map<string, ServiceProcess>();
  postgres: StoreServer | undefined;
  nats: StoreServer | undefined;

  private readonly apps = new Map<string, ServiceName>();
  private readonly rotation: LogRotation;
  private stopped: Promise<void> | undefined;

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
    let halted: Promise<void> | undefined;
    const halt = () => void (halted = installation.stopProcesses());
    options.signal?.addEventListener('abort', halt);
    try {
      await installation.stopLeftovers();
      await Promise.all([assertFree(options.httpPort, 'SLUICE_HTTP_PORT'), assertFree(options.tunnelPort, 'SLUICE_TUNNEL_PORT')]);
      await installation.run(compiled);
    } catch (error) {
      await halted;
      await installation.stop(); // also what began while that was on its way
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', halt);
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

  /** Stops everything: what carries sessions first, when they have ended or their time is over; the stores last. */
  stop(): Promise<void> {
    return (this.stopped ??= this.end());
  }

  /** Ends the sessions that a stop still waits for. */
  hurry(): void {
    for (const service of this.servicesOf(0)) service.kill('SIGTERM');
  }

  private async end(): Promise<void> {
    await this.stopProcesses();
    await this.rotation.stop();
    this.unlock();
  }

  private async stopProcesses(): Promise<void> {
    const drainMs = this.drainSeconds * 1000;
    const look = setTimeout(() => void this.sayWhatRuns(), LOOK_AFTER_MS);
    await Promise.all(this.servicesOf(0).map((service) => service.stop(drainMs + STOP_WITHIN_MS)));
    clearTimeout(look);
    for (const order of [1, 2]) await Promise.all(this.servicesOf(order).map((service) => service.stop(STOP_WITHIN_MS)));
    await Promise.all([this.nats?.stop(), this.postgres?.stop()]);
  }

  private async sayWhatRuns(): Promise<void> {
    const sessions = await countLiveSessions(this.servicesOf(0).flatMap(({ operationsPort }) => operationsPort ?? []));
    if (sessions > 0) this.options.say(waitingLine(sessions, this.drainSeconds));
  }

  private servicesOf(order: number): ServiceProcess[] {
    return [...this.services].flatMap(([name, service]) =>
      STOP_ORDER[this.apps.get(name) as ServiceName] === order ? [service] : [],
    );
  }

  private get drainSeconds(): number {
    return this.options.drainSeconds ?? 2;
  }

  /** Stops services that a start which was killed has left: some still wait for their sessions, and have their ports. */
  private async stopLeftovers(): Promise<void> {
    const folder = path.join(this.options.home, 'services');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stopped = await Promise.all(readdirSync(folder).map((name) => stopRecorded(path.join(folder, name), 'SIGTERM')));
    if (stopped.includes(true)) this.options.say('Services of an earlier start still ran; they were stopped.');
  }

  private async run(compiled: Promise<unknown>): Promise<void> {
    const { root, home } = this.options;
    this.options.signal?.throwIfAborted();
    mkdirSync(path.join(home, 'logs'), { recursive: true, mode: 0o700 });
    this.rotation.start();
    keptSecret(this.adminPasswordFile, () => randomBytes(16).toString('base64url'));
    keptSecret(path.join(this.secrets, 'ca-seal-key'), () => randomBytes(32).toString('hex'));
    // what loads code and what starts servers goes on side by side: this is most of the time that a start takes
    const steps = [
      import('./provision.js'),
      compiled.then(() => Promise.all([loadMigration(root, 'registry'), loadMigration(root, 'audit')])),
      this.startPostgres(),
      this.startNats(),
    ] as const;
    await Promise.allSettled(steps); // where one fails, the others must be there to be stopped
    const [{ provisionDatabase }, migrate, postgres] = await Promise.all(steps);
    const urls = await provisionDatabase(postgres.url, this.secrets, this.options.postgres === undefined ? 'sluice' : undefined);
    for (const bringUpToDate of migrate) await bringUpToDate(urls.owner);
    this.options.signal?.throwIfAborted();
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
      SLUICE_DRAIN_SECONDS: String(this.drainSeconds),
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
      SLUICE_JOURNAL: 'persistent',
      SLUICE_EGRESS_ALLOW: allow,
      ...(deny === undefined ? {} : { SLUICE_EGRESS_DENY: deny }),
      SLUICE_DRAIN_SECONDS: String(this.drainSeconds),
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
    const main = path.join(root, 'apps', app, 'bundle', 'main.js');
    const service = new ServiceProcess({
      name,
      node: runtime.file,
      main,
      env: { ...env, ...this.options.env?.[app], ...own },
      within,
      logFile: path.join(home, 'logs', `${name}.log`),
      record: path.join(home, 'services', name),
      restart,
      say,
    });
    this.services.set(name, service);
    this.apps.set(name, app);
    return service;
  }

  private async startPostgres(): Promise<StoreServer> {
    const { home, restart, say } = this.options;
    const password = () => keptSecret(path.join(this.secrets, 'postgres-owner'), () => randomBytes(24).toString('base64url'));
    if (this.options.postgres) return (this.postgres = await this.options.postgres());
    const server = postgresProcess(path.join(home, 'postgres'), password(), { restart, say });
    this.postgres = asStore(server);
    await server.start();
    return this.postgres;
  }

  private async startNats(): Promise<StoreServer> {
    const { home, restart, say, natsBinary } = this.options;
    const { prepareBus } = await import('./provision.js');
    const trust = await prepareBus(this.secrets);
    writeFileSync(path.join(home, 'nats-trust.conf'), `${trust}\n`, { mode: 0o644 }); // public: a NATS server of somebody else's includes it
    const binary = natsBinary === undefined ? {} : { binary: natsBinary };
    this.options.signal?.throwIfAborted();
    if (this.options.nats) return (this.nats = await this.options.nats(trust));
    const server = natsProcess(path.join(home, 'nats'), trust, { restart, say, ...binary });
    this.nats = asStore(server);
    await server.start();
    return this.nats;
  }

  private async untilReady(name: string): Promise<void> {
    const { operationsPort } = this.service(name).announcement;
    const deadline = Date.now() + 30_000;
    for (;;) {
      this.options.signal?.throwIfAborted();
      const answer = await fetch(`http://127.0.0.1:${operationsPort}/readyz`).catch(() => undefined);
      if (answer?.ok === true) return;
      if (Date.now() > deadline) throw new StartError(`${name} did not become ready: ${(await answer?.text()) ?? 'no answer'}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** A store that may still be starting: it can be stopped from now on. */
const asStore = (store: KeptProcess<string>): StoreServer => ({
  get url() {
    return store.value;
  },
  stop: () => store.stop(),
});
