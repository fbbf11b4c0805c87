import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { keptSecret } from './home.js';
import type { InstallationOptions } from './installation-options.js';
import type { SupervisedProcess } from './supervised-process.js';
import { natsProcess } from './nats.js';
import { postgresProcess } from './postgres.js';
import type { StoreServer } from './store.js';

/** PostgreSQL and NATS of an installation: child processes, or the servers in its options. */
export class EmbeddedStores {
  postgres: StoreServer | undefined;
  nats: StoreServer | undefined;

  constructor(
    private readonly options: InstallationOptions,
    private readonly secrets: string,
  ) {}

  /** Starts PostgreSQL and waits until it can be used. */
  async startPostgres(): Promise<StoreServer> {
    const { home, restart, say, postgres } = this.options;
    if (postgres) return (this.postgres = await postgres());
    const password = keptSecret(path.join(this.secrets, 'postgres-owner'), () => randomBytes(24).toString('base64url'));
    const server = postgresProcess(path.join(home, 'postgres'), password, { restart, say });
    this.postgres = asStore(server);
    await server.start();
    return this.postgres;
  }

  /** Signs the users of the bus, starts NATS so that it trusts them, and waits until it can be used. */
  async startNats(): Promise<StoreServer> {
    const { home, restart, say, natsBinary, nats, signal } = this.options;
    const { prepareBus } = await import('./provision.js');
    const trust = await prepareBus(this.secrets);
    writeFileSync(path.join(home, 'nats-trust.conf'), `${trust}\n`, { mode: 0o644 }); // public: the configuration of an external NATS server includes it
    signal?.throwIfAborted();
    if (nats) return (this.nats = await nats(trust));
    const binary = natsBinary === undefined ? {} : { binary: natsBinary };
    const server = natsProcess(path.join(home, 'nats'), trust, { restart, say, ...binary });
    this.nats = asStore(server);
    await server.start();
    return this.nats;
  }

  /** Stops both, even if one is still starting. */
  async stop(): Promise<void> {
    await Promise.all([this.nats?.stop(), this.postgres?.stop()]);
  }
}

/** A store that may still be starting, and can already be stopped. */
const asStore = (store: SupervisedProcess<string>): StoreServer => ({
  get url() {
    return store.value;
  },
  stop: () => store.stop(),
});
