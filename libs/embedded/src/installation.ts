import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { busServerConfig } from '@sluice/identity/authority';
import { keptSecret, prepareHome, StartError } from './home.js';
import { lockHome } from './home-lock.js';
import { type RunningNats, startNats } from './nats.js';
import { type RunningPostgres, startPostgres } from './postgres.js';
import { keptBusKeys, ownerPassword, provisionDatabase, writeBusUsers } from './provision.js';
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
  /** Servers of somebody else's in place of the embedded ones. */
  readonly databaseUrl?: string | undefined;
  readonly natsUrl?: string | undefined;
  readonly natsBinary?: string | undefined;
  readonly restart: boolean;
  /** More environment for a service, by its name. */
  readonly env?: Record<string, Record<string, string>>;
  readonly say: (line: string) => void;
}

export type ServiceName = 'registry' | 'audit' | 'health' | 'gateway' | 'relay';

/** The whole system on one machine: PostgreSQL and NATS where none are given, and every service as a process of its own. */
export class Installation {
  readonly services = new Map<string, ServiceProcess>();
  postgres: RunningPostgres | undefined;
  nats: RunningNats | undefined;

  private constructor(
    readonly options: InstallationOptions,
    private readonly secrets: string,
    private readonly unlock: () => void,
  ) {}

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

  /** Starts one more relay beside the first, from an enrolment token. */
  async addRelay(name: string, env: Record<string, string>): Promise<ServiceProcess> {
    const relay = this.makeService(name, 'relay', { ...this.relayEnvironment(name), ...env });
    await relay.start();
    return relay;
  }

  /** Stops everything: relays first, so that sessions end in order, the stores last. */
  async stop(): Promise<void> {
    const order = [...this.services].sort(([a], [b]) => rank(a) - rank(b));
    for (const group of [0, 1, 2]) {
      await Promise.all(order.filter(([name]) => rank(name) === group).map(([, service]) => service.stop(15_000)));
    }
    await Promise.all([this.nats?.stop(), this.postgres?.stop()]);
    this.unlock();
  }

  private async run(compiled: Promise<unknown>): Promise<void> {
    const { home, databaseUrl, natsUrl } = this.options;
    mkdirSync(path.join(home, 'logs'), { recursive: true, mode: 0o700 });
    keptSecret(this.adminPasswordFile, () => randomBytes(16).toString('base64url'));
    keptSecret(path.join(this.secrets, 'ca-seal-key'), () => randomBytes(32).toString('hex'));
    const keys = await keptBusKeys(this.secrets);
    await writeBusUsers(this.secrets, keys);
    const [database, bus] = await Promise.all([
      databaseUrl ?? this.startPostgres(),
      natsUrl ?? this.startNats(busServerConfig(keys)),
      compiled,
    ]); // prettier-ignore
    const urls = await provisionDatabase(database, this.secrets, databaseUrl === undefined ? 'sluice' : undefined);
    await Promise.all([this.migrate('registry', urls.owner), this.migrate('audit', urls.owner)]);
    await this.startServices(urls, bus);
  }

  private async startServices(urls: { registry: string; audit: string }, bus: string): Promise<void> {
    const { httpPort, tunnelPort } = this.options;
    const credentials = (service: string) => path.join(this.secrets, `bus-${service}.json`);
    const common = (service: string) => ({ NATS_URL: bus, SLUICE_BUS_CREDENTIALS_FILE: credentials(service) });
    const registry = this.makeService('registry', 'registry', {
      ...common('registry'),
      DATABASE_URL: urls.registry,
      SLUICE_BUS_ACCOUNT_SEED_FILE: path.join(this.secrets, 'bus-account-seed'),
      SLUICE_CA_SEAL_KEY_FILE: path.join(this.secrets, 'ca-seal-key'),
      SLUICE_PUBLIC_URL: `http://127.0.0.1:${httpPort}`,
      SLUICE_FIRST_ADMIN_EMAIL: FIRST_ADMIN_EMAIL,
      SLUICE_FIRST_ADMIN_PASSWORD_FILE: this.adminPasswordFile,
      SLUICE_FIRST_NODE_TOKEN_FILE: path.join(this.secrets, 'first-node-token'),
    });
    const gateway = this.makeService('gateway', 'gateway', {
      ...common('gateway'),
      SLUICE_HTTP_ADDRESS: `127.0.0.1:${httpPort}`,
      SLUICE_TUNNEL_ADDRESS: `127.0.0.1:${tunnelPort}`,
      SLUICE_GATEWAY_NAME: 'gateway-1',
      SLUICE_DRAIN_SECONDS: '2',
    });
    const audit = this.makeService('audit', 'audit', { ...common('audit'), DATABASE_URL: urls.audit });
    const health = this.makeService('health', 'health', common('health'));
    const relay = registry.start().then(() => this.makeService('relay', 'relay', this.relayEnvironment('relay')).start());
    await Promise.all([relay, gateway.start(), audit.start(), health.start()]);
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

  private makeService(name: string, app: ServiceName, env: Record<string, string>): ServiceProcess {
    const { root, home, restart, say } = this.options;
    const extra = this.options.env?.[app] ?? {};
    const main = path.join(root, 'apps', app, 'dist', 'main.js');
    const service = new ServiceProcess({ name, main, env: { ...env, ...extra }, logFile: path.join(home, 'logs', `${name}.log`), restart, say });
    this.services.set(name, service);
    return service;
  }

  private async startPostgres(): Promise<string> {
    this.postgres = await startPostgres(path.join(this.options.home, 'postgres'), ownerPassword(this.secrets));
    return this.postgres.url;
  }

  private async startNats(trust: string): Promise<string> {
    this.nats = await startNats(path.join(this.options.home, 'nats'), trust, this.options.natsBinary === undefined ? {} : { binary: this.options.natsBinary });
    return this.nats.url;
  }

  private async migrate(app: 'registry' | 'audit', owner: string): Promise<void> {
    const main = path.join(this.options.root, 'apps', app, 'dist', 'migrate.js');
    await promisify(execFile)(process.execPath, [main], { env: { PATH: process.env['PATH'], SLUICE_OWNER_DATABASE_URL: owner } }).catch((error: { stderr?: string }) => {
      throw new StartError(`the tables of ${app} could not be brought up to date: ${(error.stderr ?? '').trim().split('\n').slice(0, 5).join('\n')}`);
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
