import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { until } from '@sluice/process';
import { EmbeddedServices } from './embedded-services.js';
import { EmbeddedStores } from './embedded-stores.js';
import { keptSecret, prepareHome } from './home.js';
import { lockHome } from './home-lock.js';
import type { InstallationOptions } from './installation-options.js';
import { loadMigration } from './load-migration.js';
import { LOG_BYTES, LogRotation } from './log-rotation.js';
import { assertFree } from './port.js';
import {
  adminPasswordFile,
  busEnvironment,
  firstGatewayEnvironment,
  gatewayEnvironment,
  registryEnvironment,
  relayEnvironment,
  type EnvironmentInput,
} from './service-environments.js';
import type { ServiceProcess } from './service-process.js';
import type { StoreServer } from './store.js';

const READY_WITHIN_MS = 30_000;
const DEFAULT_DRAIN_SECONDS = 2;

/** The complete system on one machine: PostgreSQL and NATS unless they are given, and every service as a separate process. */
export class Installation {
  private readonly services: EmbeddedServices;
  private readonly stores: EmbeddedStores;
  private readonly rotation: LogRotation;
  private stopped: Promise<void> | undefined;

  private constructor(
    readonly options: InstallationOptions,
    private readonly secrets: string,
    private readonly unlock: () => void,
  ) {
    const folders = ['logs', 'postgres', 'nats'].map((name) => path.join(options.home, name));
    this.services = new EmbeddedServices(options);
    this.stores = new EmbeddedStores(options, secrets);
    this.rotation = new LogRotation(folders, options.logBytes ?? LOG_BYTES, options.say);
  }

  /**
   * Starts everything and waits until a session could be carried, but says so and goes on if only the relay is not ready: what it needs,
   * such as a token, is made by the rest. If anything else fails, everything that has started is stopped. @throws StartError
   */
  static async start(options: InstallationOptions, compiled: Promise<unknown> = Promise.resolve()): Promise<Installation> {
    const secrets = prepareHome(options.home);
    const installation = new Installation(options, secrets, lockHome(options.home));
    let halted: Promise<void> | undefined;
    const halt = () => {
      halted = installation.stopProcesses();
      halted.catch(() => undefined); // the start fails with the same error
    };
    options.signal?.addEventListener('abort', halt);
    try {
      await installation.services.stopLeftovers();
      await Promise.all([assertFree(options.httpPort, 'SLUICE_HTTP_PORT'), assertFree(options.tunnelPort, 'SLUICE_TUNNEL_PORT')]);
      await installation.run(compiled);
    } catch (error) {
      await halted?.catch(() => undefined);
      await installation.stop(); // also what was started during `halt`
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
    return adminPasswordFile(this.options.home);
  }

  /** PostgreSQL, once it has begun to start. A restart replaces it, and `stop` stops the current one. */
  get postgres(): StoreServer | undefined {
    return this.stores.postgres;
  }

  set postgres(server: StoreServer) {
    this.stores.postgres = server;
  }

  /** NATS, likewise. */
  get nats(): StoreServer | undefined {
    return this.stores.nats;
  }

  set nats(server: StoreServer) {
    this.stores.nats = server;
  }

  /** A service by its name. */
  service(name: string): ServiceProcess {
    return this.services.find(name);
  }

  /** Starts another relay with an enrolment token; `within` is a command that runs it, such as `ip netns exec NAME`. */
  async addRelay(name: string, env: Record<string, string>, within?: readonly string[]): Promise<ServiceProcess> {
    const relay = this.services.make(name, 'relay', relayEnvironment(this.environmentInput, name), env, within);
    await relay.start();
    return relay;
  }

  /** Starts another gateway. Its tunnel port is on loopback. */
  async addGateway(
    name: string,
    ports: { http: number; tunnel: number },
    env: Record<string, string> = {},
  ): Promise<ServiceProcess> {
    const gateway = this.services.make(name, 'gateway', gatewayEnvironment(this.environmentInput), {
      SLUICE_HTTP_ADDRESS: `127.0.0.1:${ports.http}`,
      SLUICE_TUNNEL_ADDRESS: `127.0.0.1:${ports.tunnel}`,
      SLUICE_GATEWAY_NAME: name,
      ...env,
    });
    await gateway.start();
    return gateway;
  }

  /** Starts another copy of the health service. */
  async addHealth(name: string): Promise<ServiceProcess> {
    const health = this.services.make(name, 'health', busEnvironment(this.environmentInput, 'health'));
    await health.start();
    return health;
  }

  /** Stops everything: first the processes that carry sessions, when these have ended or the drain time is over; the stores last. */
  stop(): Promise<void> {
    return (this.stopped ??= this.end());
  }

  /** Ends the sessions that a stop still waits for. */
  hurry(): void {
    void this.services.hurry();
  }

  private async end(): Promise<void> {
    try {
      await this.stopProcesses();
    } finally {
      await this.rotation.stop();
      this.unlock();
    }
  }

  private async stopProcesses(): Promise<void> {
    try {
      await this.services.stop(this.drainSeconds);
    } finally {
      await this.stores.stop();
    }
  }

  private get drainSeconds(): number {
    return this.options.drainSeconds ?? DEFAULT_DRAIN_SECONDS;
  }

  /** What the environments of the services are derived from. NATS has been started when they need it. */
  private get environmentInput(): EnvironmentInput {
    return { ...this.options, secrets: this.secrets, drainSeconds: this.drainSeconds, natsUrl: this.nats?.url ?? '' };
  }

  private async run(compiled: Promise<unknown>): Promise<void> {
    const { root, home, postgres: givenPostgres, signal } = this.options;
    signal?.throwIfAborted();
    mkdirSync(path.join(home, 'logs'), { recursive: true, mode: 0o700 });
    this.rotation.start();
    keptSecret(this.adminPasswordFile, () => randomBytes(16).toString('base64url'));
    keptSecret(path.join(this.secrets, 'ca-seal-key'), () => randomBytes(32).toString('hex'));
    // code is loaded while the servers start; together these take most of the time of a start
    const steps = [
      import('./provision.js'),
      compiled.then(() => Promise.all([loadMigration(root, 'registry'), loadMigration(root, 'audit')])),
      this.stores.startPostgres(),
      this.stores.startNats(),
    ] as const;
    await Promise.allSettled(steps); // if one fails, the others must settle before they can be stopped
    const [{ provisionDatabase }, migrations, postgres] = await Promise.all(steps);
    const urls = await provisionDatabase(postgres.url, this.secrets, givenPostgres === undefined ? 'sluice' : undefined);
    for (const migrate of migrations) await migrate(urls.owner);
    signal?.throwIfAborted();
    await this.startServices(urls);
  }

  private async startServices(urls: { registry: string; audit: string }): Promise<void> {
    const at = this.environmentInput;
    const services = [
      this.services.make('registry', 'registry', registryEnvironment(at, urls.registry)),
      this.services.make('gateway', 'gateway', firstGatewayEnvironment(at)),
      this.services.make('audit', 'audit', { ...busEnvironment(at, 'audit'), DATABASE_URL: urls.audit }),
      this.services.make('health', 'health', busEnvironment(at, 'health')),
      this.services.make('relay', 'relay', relayEnvironment(at, 'relay')),
    ];
    await Promise.all(services.map((service) => service.start()));
    await this.untilReady(this.service('relay'));
  }

  /** Waits until a service is ready, and says so if it is not in time, or has ended. */
  private async untilReady(service: ServiceProcess): Promise<void> {
    const url = `http://127.0.0.1:${service.operationsPort}/readyz`;
    let response: Response | undefined;
    const isDecided = async () => {
      response = await fetch(url).catch(() => undefined);
      return response?.ok === true || service.process.exitCode !== null;
    };
    const deadline = AbortSignal.timeout(READY_WITHIN_MS);
    const signal = this.options.signal ? AbortSignal.any([this.options.signal, deadline]) : deadline;
    await until(isDecided, signal).catch(() => this.options.signal?.throwIfAborted());
    if (response?.ok) return;
    const { problems } = response ? ((await response.json()) as { problems: string[] }) : { problems: ['it does not respond'] };
    this.options.say(
      `the relay is not ready: ${problems.join('; ')}. Everything else has started; no server can be reached through it until it is`,
    );
  }
}
