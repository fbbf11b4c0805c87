import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FIRST_ADMIN_EMAIL, freePort, Installation, type StoreServer } from '@sluice/embedded';
import { nodeRuntime, until } from '@sluice/process';
import { ApiError, collect, createSluiceClient, type Schemas, type SluiceClient, tokenOf, unwrap } from '@sluice/sdk';
import { engineHasImages, natsInContainer, postgresInContainer } from './container-stores.js';
import { testFolder } from './test-folder.js';
import { TestUser } from './test-user.js';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** How often to poll a record, in milliseconds. */
const POLL_EVERY_MS = 50;

/** What a test needs to use an installation. */
export interface SystemHandle {
  readonly url: string;
  readonly home: string;
  /** The installation's own PostgreSQL, as its owner. */
  readonly postgresUrl: string;
}

/** What another process needs to use an installation. */
export const handleOf = (installation: Installation): SystemHandle => ({
  url: installation.url,
  home: installation.options.home,
  postgresUrl: installation.postgres?.url ?? '',
});

/** Starts an installation for tests, with its own folder and ports. Its stores are embedded unless `containers` is set; `nats` and `postgres` make others. */
export async function startSystem(
  options: {
    env?: Record<string, Record<string, string>>;
    containers?: boolean;
    restart?: boolean;
    nats?: (trust: string) => Promise<StoreServer>;
    postgres?: () => Promise<StoreServer>;
  } = {},
): Promise<Installation> {
  const containers = options.containers === true && engineHasImages();
  const stores = containers ? { postgres: postgresInContainer, nats: natsInContainer } : {};
  return Installation.start({
    root,
    home: testFolder('home'),
    httpPort: await freePort(),
    tunnelPort: await freePort(),
    restart: options.restart ?? true,
    runtime: nodeRuntime(process.env['SLUICE_NODE']),
    env: options.env ?? {},
    say: (line) => console.log(line),
    ...stores,
    ...(options.nats === undefined ? {} : { nats: options.nats }),
    ...(options.postgres === undefined ? {} : { postgres: options.postgres }),
  });
}

/** Stops a test's installation and removes its folder. */
export async function stopSystem(installation: Installation): Promise<void> {
  await installation.stop();
  rmSync(installation.options.home, { recursive: true, force: true });
}

/** An installation, as a test uses it as an administrator. */
export class TestSystem {
  private constructor(
    readonly handle: SystemHandle,
    /** The API as the first administrator. */
    readonly admin: SluiceClient,
    readonly adminToken: string,
  ) {}

  /** Signs in as the first administrator. */
  static async use(handle: SystemHandle): Promise<TestSystem> {
    const password = readFileSync(path.join(handle.home, 'admin-password'), 'utf8').trim();
    const login = await unwrap(
      createSluiceClient({ server: handle.url }).POST('/api/v1/logins', { body: { email: FIRST_ADMIN_EMAIL, password } }),
    );
    const token = tokenOf(login);
    return new TestSystem(handle, createSluiceClient({ server: handle.url, token }), token);
  }

  /** URL of the database, for its owner, who may do everything. */
  get databaseUrl(): string {
    const url = new URL(this.handle.postgresUrl);
    if (url.pathname.length <= 1 || url.pathname === '/postgres') url.pathname = '/sluice'; // the embedded server has its own
    return url.href;
  }

  /** The installation's own PostgreSQL: a real server to reach through Sluice. */
  get postgres(): { port: number; password: string } {
    const { port, password } = new URL(this.handle.postgresUrl);
    return { port: Number(port), password: decodeURIComponent(password) };
  }

  /** Adds a user and signs them in with an agent folder of their own. */
  async addUser(apiRole: Schemas['User']['apiRole'] = 'user'): Promise<TestUser> {
    const email = `${unique('user')}@example.test`;
    const password = 'correct horse battery staple';
    const { id } = await unwrap(this.admin.POST('/api/v1/users', { body: { email, apiRole, password } }));
    return TestUser.signIn({ url: this.handle.url, root }, { id, email, password });
  }

  /** Adds a server that dials a local port. Its client port is a free one of this machine, because several installations share it. */
  async addServer(
    port: number,
    more: Partial<{
      hostname: string;
      name: string;
      tags: Record<string, string>;
      proxyCluster: string;
      portOverride: number;
      proxyProtocol: boolean;
      check: Schemas['Server']['check'];
      settings: Partial<Schemas['Server']['settings']>;
    }> = {},
  ): Promise<Schemas['Server']> {
    const body = {
      name: unique('server'),
      type: 'tcp' as const,
      hostname: '127.0.0.1',
      port,
      portOverride: await freePort(),
      ...more,
    };
    for (;;) {
      try {
        return await unwrap(this.admin.POST('/api/v1/servers', { body }));
      } catch (error) {
        // a port that was free before may now be assigned to another server whose agent does not listen yet
        if (!(error instanceof ApiError) || error.code !== 'port_override_taken' || more.portOverride !== undefined) throw error;
        body.portOverride = await freePort();
      }
    }
  }

  /** Lets users reach servers through a new role. @returns the role's id */
  async grant(users: readonly TestUser[], servers: readonly Schemas['Server'][]): Promise<string> {
    const { id } = await unwrap(this.admin.POST('/api/v1/roles', { body: { name: unique('role') } }));
    for (const server of servers)
      await unwrap(this.admin.PUT('/api/v1/roles/{id}/servers/{serverId}', { params: { path: { id, serverId: server.id } } }));
    for (const user of users)
      await unwrap(this.admin.PUT('/api/v1/roles/{id}/users/{userId}', { params: { path: { id, userId: user.id } } }));
    return id;
  }

  /** All records of a server, newest first. */
  records(serverId: string): Promise<Schemas['AuditRecord'][]> {
    return collect((cursor) => {
      const query = { resource: serverId, limit: 500, ...(cursor === undefined ? {} : { cursor }) };
      return unwrap(this.admin.GET('/api/v1/sessions', { params: { query } }));
    });
  }

  /** Waits until the records of a server fulfil a condition. @throws Error with the records after the timeout (in milliseconds) */
  async recordsWhen(
    serverId: string,
    wanted: (records: Schemas['AuditRecord'][]) => boolean,
    withinMs = 10_000,
  ): Promise<Schemas['AuditRecord'][]> {
    let records: Schemas['AuditRecord'][] = [];
    const asWanted = async () => wanted((records = await this.records(serverId).catch(() => [])));
    await until(asWanted, AbortSignal.timeout(withinMs), POLL_EVERY_MS).catch((cause: unknown) => {
      const seen = records.map((r) => [r.state, r.outcome, r.endReason, r.bytesUp, r.bytesDown]);
      throw new Error(`the records did not fulfil the condition: ${JSON.stringify(seen)}`, { cause });
    });
    return records;
  }
}

let counter = 0;
/** A name that no other test uses. */
export const unique = (prefix: string): string => `${prefix}-${process.pid}-${Date.now().toString(36)}-${counter++}`;
