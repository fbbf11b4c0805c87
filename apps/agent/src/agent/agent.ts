import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { ApiError, createSluiceClient, type Schemas, unwrap } from '@sluice/sdk';
import type { Log } from '@sluice/process';
import { DEFAULT_SETTINGS } from '@sluice/domain';
import { LinkKeeper } from '@sluice/tunnel';
import { z } from 'zod';
import type { AgentConfig } from '../config.js';
import { LinkDialler, NoRelayError } from '../link/link-dialler.js';
import { DirectRelays } from '../link/direct-relays.js';
import { NearGateways } from '../link/near-gateways.js';
import { LinkPool } from '../link/link-pool.js';
import { type AllowedUser, Listener } from '../listener/listener.js';
import { PeerOwner } from '../listener/peer-owner.js';
import { keepLogin, type KeptLogin, readLogin, writePrivate } from '../login/kept-login.js';
import { renewCertificate } from '../login/log-in.js';
import { Detours } from '../session/detours.js';
import { connectSession, type UnansweredAttempt } from '../session/connect-session.js';
import type { ConnectReply, ServerStatus, StatusReply } from './control-messages.js';

type Feed = Schemas['AgentFeed'];
type Resource = Feed['resources'][number];

const FEED_EVERY_MS = 5000;
const RENEW_BEFORE_MS = 25 * 60_000;
const KeptConnections = z.record(z.string(), z.object({ port: z.int().optional() }));

/** The agent: signs in once, listens at the bind addresses of connected servers, and carries their connections. */
export class Agent {
  private readonly pool = new LinkPool(
    (cluster, avoid) => this.dial(cluster, avoid),
    new LinkKeeper(() => this.feed?.keepAliveSeconds ?? DEFAULT_SETTINGS.keepAliveSeconds),
  );
  /** A way without a gateway has opened: the links that wait are of the longer one, and others will take their place. */
  private readonly direct = new DirectRelays((cluster) => this.pool.clear(cluster));
  private readonly gateways = new NearGateways();
  private readonly detours = new Detours();
  private readonly owner = new PeerOwner();
  private readonly listeners = new Map<string, { listener: Listener; resource: Resource; localPort: number | undefined }>();
  private readonly lastRefusals = new Map<string, { at: string; reason: string; message: string }>();
  private readonly sessions = new Map<string, number>();
  private dialler: LinkDialler;
  private feed: Feed | undefined;
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> | undefined;

  private constructor(
    private readonly config: AgentConfig,
    private readonly allowed: AllowedUser,
    private readonly log: Log,
    login: KeptLogin,
  ) {
    this.dialler = new LinkDialler(login);
  }

  /** Starts with the kept login, and connects again what was connected. @throws Error when nobody is signed in */
  static async start(config: AgentConfig, allowed: AllowedUser, log: Log): Promise<Agent> {
    const login = readLogin(config);
    if (!login) throw new Error('nobody is signed in here: run `sluice login` first');
    const agent = new Agent(config, allowed, log, login);
    await agent.refresh().catch((error: unknown) => log.warn({ err: error }, 'the gateway does not answer yet'));
    for (const [name, { port }] of Object.entries(readConnections(config))) {
      await agent
        .connectOne(name, port)
        .catch((error: unknown) => log.warn({ err: error, name }, 'could not be connected again'));
    }
    agent.timer = setInterval(() => void agent.tend(), FEED_EVERY_MS);
    return agent;
  }

  /** Connects servers by name. One that cannot be connected does not keep the others from it. */
  async connect(names: readonly string[], port: number | undefined): Promise<ConnectReply> {
    await this.refresh();
    const results: ConnectReply['results'] = [];
    for (const name of names) {
      try {
        const status = await this.connectOne(name, port);
        results.push({ name: status.name, ok: true, address: status.address });
      } catch (error) {
        results.push({ name, ok: false, error: (error as Error).message });
      }
    }
    this.keepConnections();
    return { results };
  }

  /** Stops listening for servers by name; their connections end. */
  disconnect(names: readonly string[]): ConnectReply {
    const results = names.map((name) => {
      const entry = [...this.listeners].find(([, { resource }]) => sameName(resource.name, name));
      if (!entry) return { name, ok: false as const, error: 'is not connected' };
      entry[1].listener.close();
      this.listeners.delete(entry[0]);
      return {
        name: entry[1].resource.name,
        ok: true as const,
        address: `${entry[1].listener.address}:${entry[1].listener.port}`,
      };
    });
    this.keepConnections();
    return { results };
  }

  /** What the account may reach, and what is connected. */
  async status(): Promise<StatusReply> {
    await this.refresh().catch((error: unknown) => this.log.warn({ err: error }, 'the gateway does not answer'));
    const resources = this.feed?.resources ?? [];
    return {
      account: this.login.account.email,
      server: this.login.server,
      loginExpiresAt: this.login.expiresAt,
      servers: resources.map((resource) => this.show(resource)),
    };
  }

  /** Uses another login from now on: links of the old one are dropped. */
  async reload(): Promise<void> {
    const login = readLogin(this.config);
    if (!login) return;
    this.dialler = new LinkDialler(login);
    this.pool.clear();
    await this.refresh();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    for (const { listener } of this.listeners.values()) listener.close();
    this.pool.close();
    await this.owner.close();
  }

  private get login(): KeptLogin {
    return this.dialler.login;
  }

  private async connectOne(name: string, port: number | undefined): Promise<ServerStatus> {
    const resource = this.feed?.resources.find((known) => sameName(known.name, name));
    if (!resource) throw new Error('there is no server of this name that you may reach');
    if (resource.connectivityMode !== 'loopback')
      throw new Error('this server is in virtual network mode, and this agent serves loopback mode alone');
    const present = this.listeners.get(resource.id);
    const wanted = port ?? resource.port;
    if (present && present.listener.port === wanted && present.listener.address === resource.bindAddress)
      return this.show(resource);
    this.makeRoom(resource.id, resource.bindAddress, wanted);
    const listener = await Listener.open(
      { address: resource.bindAddress, port: wanted },
      { owner: this.owner, allowed: this.allowed },
      (client) => void this.serve(client, resource.id),
      (uid) => this.log.warn({ server: resource.name, uid }, 'a connection of another user was reset'),
    );
    present?.listener.close();
    this.listeners.set(resource.id, { listener, resource, localPort: port });
    this.pool.warm(resource.cluster);
    return this.show(resource);
  }

  /** Closes the listener of a server that is no longer ours, when its address now belongs to another. */
  private makeRoom(resourceId: string, address: string, port: number): void {
    const known = new Set(this.feed?.resources.map((resource) => resource.id));
    for (const [id, { listener }] of this.listeners) {
      if (id === resourceId || known.has(id) || listener.address !== address || listener.port !== port) continue;
      listener.close();
      this.listeners.delete(id);
    }
  }

  private async serve(client: Socket, resourceId: string): Promise<void> {
    const entry = this.listeners.get(resourceId);
    if (!entry) return void client.resetAndDestroy();
    this.count(resourceId, 1);
    try {
      const { cluster, dialTimeoutSeconds, keepAliveSeconds, noDelay } = entry.resource;
      client.setNoDelay(noDelay);
      if (keepAliveSeconds > 0) client.setKeepAlive(true, keepAliveSeconds * 1000);
      const target = { resourceId, cluster, dialTimeoutSeconds, sharedListener: this.allowed === 'any' };
      const { pool, detours } = this;
      const result = await connectSession(client, target, { pool, detours, report: (attempt) => void this.report(attempt) });
      if (!result.carried) this.note(resourceId, result.reason, result.message);
      else if (result.end.kind === 'remote-reset' && result.end.reason !== 'reset')
        this.note(resourceId, result.end.reason, result.end.message);
    } catch (error) {
      client.resetAndDestroy();
      this.log.error({ err: error }, 'a connection failed inside the agent');
    } finally {
      this.count(resourceId, -1);
    }
  }

  private count(resourceId: string, by: number): void {
    this.sessions.set(resourceId, (this.sessions.get(resourceId) ?? 0) + by);
  }

  private note(resourceId: string, reason: string, message: string): void {
    this.lastRefusals.set(resourceId, { at: new Date().toISOString(), reason, message });
    this.log.info({ resourceId, reason, why: message }, 'refused or ended');
  }

  private async dial(cluster: string, avoid: readonly string[]) {
    if (Date.parse(this.login.certificateExpiresAt) <= Date.now()) await this.renew();
    if (Date.parse(this.login.certificateExpiresAt) <= Date.now())
      throw new NoRelayError('your login has ended: run `sluice login`', true);
    const { keepAliveSeconds = DEFAULT_SETTINGS.keepAliveSeconds } = this.feed ?? {};
    const { dialler } = this;
    const doors = { gateways: this.gateways, direct: this.direct, keepAliveSeconds };
    return dialler.dial(doors, cluster, avoid).catch(async (error: unknown) => {
      if (!(error instanceof NoRelayError && error.certificateRefused)) throw error;
      if (this.dialler === dialler) await this.renew(); // the API says whether we are still who we were
      if (this.dialler === dialler) throw error;
      return this.dialler.dial(doors, cluster, avoid);
    });
  }

  private async report(attempt: UnansweredAttempt): Promise<void> {
    const failed = (err: unknown) => this.log.warn({ err, requestId: attempt.requestId }, 'an attempt could not be reported');
    await unwrap(this.client().POST('/api/v1/me/attempts', { body: attempt })).catch(failed);
  }

  private async tend(): Promise<void> {
    await this.refresh().catch((error: unknown) => this.log.debug({ err: error }, 'the gateway does not answer'));
    this.direct.tend();
    if (Date.parse(this.login.certificateExpiresAt) - Date.now() < RENEW_BEFORE_MS) await this.renew();
  }

  private renew(): Promise<void> {
    this.renewing ??= renewCertificate(this.login)
      .then((login) => {
        if (readLogin(this.config)?.token !== login.token) return; // signed in anew, or out, meanwhile
        this.dialler = new LinkDialler(login);
        keepLogin(this.config, login);
      })
      .catch((error: unknown) => this.log.warn({ err: error }, 'the certificate could not be renewed'))
      .finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  /** Asks what the account may reach now. What was taken away or moved no longer listens at its old place. */
  private async refresh(): Promise<void> {
    try {
      this.feed = await unwrap(this.client().GET('/api/v1/me'));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401)
        throw new Error('your login has ended: run `sluice login`', { cause: error });
      throw error;
    }
    this.direct.follow(this.feed.relays);
    this.gateways.follow(this.feed.gateways.map(({ address }) => address));
    for (const [id, entry] of this.listeners) {
      const now = this.feed.resources.find((resource) => resource.id === id);
      if (!now) continue; // taken away: the listener stays, connects are refused with the relay's reason and recorded
      const moved =
        now.bindAddress !== entry.listener.address || (entry.localPort === undefined && now.port !== entry.listener.port);
      entry.resource = now;
      if (moved)
        await this.connectOne(now.name, entry.localPort).catch((error: unknown) =>
          this.log.warn({ err: error, server: now.name }, 'could not move'),
        );
    }
  }

  private show(resource: Resource): ServerStatus {
    const entry = this.listeners.get(resource.id);
    const address = entry ? `${entry.listener.address}:${entry.listener.port}` : `${resource.bindAddress}:${resource.port}`;
    return {
      id: resource.id,
      name: resource.name,
      type: resource.type,
      address,
      tags: resource.tags,
      health: resource.health,
      connected: entry !== undefined,
      sessions: this.sessions.get(resource.id) ?? 0,
      lastRefusal: this.lastRefusals.get(resource.id) ?? null,
    };
  }

  private client() {
    return createSluiceClient({ server: this.login.server, token: this.login.token });
  }

  private keepConnections(): void {
    const kept = Object.fromEntries(
      [...this.listeners.values()].map(({ resource, localPort }) => [
        resource.name,
        localPort === undefined ? {} : { port: localPort },
      ]),
    );
    writePrivate(this.config.connectedFile, kept);
  }
}

const sameName = (a: string, b: string): boolean => a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase();

function readConnections(config: AgentConfig): z.infer<typeof KeptConnections> {
  try {
    return KeptConnections.parse(JSON.parse(readFileSync(config.connectedFile, 'utf8')));
  } catch {
    return {};
  }
}
