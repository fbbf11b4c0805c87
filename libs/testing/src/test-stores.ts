import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { keptSecret, loadMigration, type RunningStore, startNats, startPostgres } from '@sluice/embedded';
import { prepareBus, provisionDatabase } from '@sluice/embedded/provision';
import { Bus } from '@sluice/messaging';
import { busCredentials } from '@sluice/process';
import { testFolder } from './test-folder.js';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

type TestedService = 'registry' | 'audit' | 'health' | 'gateway';

/** PostgreSQL and NATS for one spec, prepared as in an installation: schemas, database roles, bus users. The spec itself runs the services. */
export class TestStores {
  private constructor(
    private readonly folder: string,
    private readonly trust: string,
    private nats: RunningStore,
    private readonly postgres: RunningStore | undefined,
    private readonly urls: { owner: string; registry: string; audit: string } | undefined,
  ) {}

  /** @param options `postgres: false` if the service has no database */
  static async start({ postgres: wanted = true } = {}): Promise<TestStores> {
    const folder = testFolder('stores');
    const secrets = path.join(folder, 'secrets');
    mkdirSync(secrets, { mode: 0o700 });
    const trust = await prepareBus(secrets);
    keptSecret(path.join(secrets, 'ca-seal-key'), () => randomBytes(32).toString('hex'));
    const [nats, postgres] = await Promise.all([
      startNats(path.join(folder, 'nats'), trust),
      wanted ? startPostgres(path.join(folder, 'postgres'), randomBytes(24).toString('base64url')) : undefined,
    ]);
    const urls = postgres && (await provisionDatabase(postgres.url, secrets, 'sluice'));
    if (urls) for (const app of ['registry', 'audit'] as const) await (await loadMigration(root, app))(urls.owner);
    return new TestStores(folder, trust, nats, postgres, urls);
  }

  /** The environment with which a service connects to the stores. */
  environmentOf(service: TestedService): Record<string, string> {
    return {
      NATS_URL: this.nats.url,
      SLUICE_BUS_CREDENTIALS_FILE: this.secret(`bus-${service}.json`),
      SLUICE_BUS_RELAYS_SEED_FILE: this.secret('bus-relays-seed'),
      SLUICE_BUS_READERS_FILE: this.secret('bus-readers.json'),
      SLUICE_CA_SEAL_KEY_FILE: this.secret('ca-seal-key'),
      ...(service === 'registry' || service === 'audit' ? { DATABASE_URL: this.urls?.[service] ?? '' } : {}),
    };
  }

  /** The URL of the database for its owner, who may change the schemas. */
  get ownerUrl(): string {
    return this.urls?.owner ?? '';
  }

  /** Connects to the bus as a service. */
  join(service: TestedService): Promise<Bus> {
    const credentials = busCredentials.parse(this.secret(`bus-${service}.json`));
    return Bus.connect({ servers: [this.nats.url], user: service, ...credentials });
  }

  /** Stops the bus. */
  async stopBus(): Promise<void> {
    await this.nats.stop();
  }

  /** Starts the bus again, at the same address. */
  async startBus(): Promise<void> {
    this.nats = await startNats(path.join(this.folder, 'nats'), this.trust);
  }

  async stop(): Promise<void> {
    await Promise.all([this.nats.stop(), this.postgres?.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private secret(name: string): string {
    return path.join(this.folder, 'secrets', name);
  }
}
