import type { Socket } from 'node:net';
import { ApiError, createSluiceClient, type Schemas } from '@sluice/sdk';
import type { Log } from '@sluice/process';
import { DEFAULT_SETTINGS } from '@sluice/domain';
import { LinkKeepAlive } from '@sluice/tunnel';
import type { AgentConfig } from '../config.js';
import { LinkDialler, NoRelayError } from '../link/link-dialler.js';
import { DirectRelays } from '../link/direct-relays.js';
import { NearGateways } from '../link/near-gateways.js';
import { LinkPool } from '../link/link-pool.js';
import { type AllowedUser, Listener } from '../listener/listener.js';
import { PeerOwner } from '../listener/peer-owner.js';
import { EndedLogin } from '../login/ended-login.js';
import { keepCertificate, type StoredLogin, readLogin } from '../login/stored-login.js';
import { renewCertificate } from '../login/log-in.js';
import { ExcludedRelays } from '../session/excluded-relays.js';
import { AttemptReports } from '../session/attempt-reports.js';
import { connectSession } from '../session/connect-session.js';
import { ConnectedServers, sameName } from './connected-servers.js';
import type { ConnectReply, ServerStatus, StatusReply } from './control-messages.js';
import { KnownFeed } from './known-feed.js';

type Feed = Schemas['AgentFeed'];
type Resource = Feed['resources'][number];

const FEED_EVERY_MS = 5000;
/** Relays hear within this that the sessions of an agent that stops were cut here, in milliseconds. */
const STOP_WITHIN_MS = 2000;
/** The first wait after the API did not answer; it doubles up to `FEED_EVERY_MS`. */
const FIRST_RETRY_MS = 250;
const RENEW_BEFORE_MS = 25 * 60_000;

/** The agent: signs in once, listens at the bind addresses of connected servers, and carries their connections. */
export class Agent {
  private readonly pool = new LinkPool(
    (cluster, avoid) => this.dial(cluster, avoid),
    new LinkKeepAlive(() => this.known.feed?.keepAliveSeconds ?? DEFAULT_SETTINGS.keepAliveSeconds),
  );
  /** A way without a gateway has opened: the links that wait are of the longer one, and others will take their place. */
  private readonly direct = new DirectRelays((cluster) => this.pool.clear(cluster));
  private readonly gateways = new NearGateways();
  private readonly excluded = new ExcludedRelays();
  private readonly owner = new PeerOwner();
  private reports: AttemptReports;
  private readonly servers: ConnectedServers;
  private readonly known: KnownFeed;
  private readonly lastRefusals = new Map<string, { at: string; reason: string; message: string }>();
  private readonly sessions = new Map<string, number>();
  private dialler: LinkDialler;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private renewing: Promise<void> | undefined;
  private readonly ended = new EndedLogin(() => this.log.warn('the login has ended: run `sluice login`'));

  private constructor(
    private readonly config: AgentConfig,
    private readonly allowed: AllowedUser,
    private readonly log: Log,
    login: StoredLogin,
  ) {
    this.dialler = new LinkDialler(login);
    this.known = new KnownFeed(config, log);
    this.reports = new AttemptReports(this.client(), log);
    this.servers = new ConnectedServers(config.connectedFile, (resource, port) => this.listen(resource, port), log);
  }

  /**
   * Starts with the kept login, and connects again what was connected. Where the servers are it knows from its own file
   * at once; the API is asked as soon as it answers. @throws Error when nobody is signed in
   */
  static async start(config: AgentConfig, allowed: AllowedUser, log: Log): Promise<Agent> {
    const login = readLogin(config);
    if (!login) throw new Error('nobody is signed in here: run `sluice login` first');
    const agent = new Agent(config, allowed, log, login);
    const kept = agent.known.begin(login);
    if (kept) await agent.follow(kept);
    void agent.tendForever();
    return agent;
  }

  /** Connects servers by name. One that cannot be connected does not keep the others from it. */
  async connect(asked: readonly string[] | 'all', port: number | undefined): Promise<ConnectReply> {
    await this.refresh().catch((error: unknown) => {
      if (!this.known.feed || !(error instanceof ApiError)) throw error; // without an answer, what was known last holds
    });
    const names = asked === 'all' ? (this.known.feed?.resources ?? []).map(({ name }) => name) : asked;
    const results: ConnectReply['results'] = [];
    for (const name of names) {
      try {
        const { name: known, address, hostname, dns } = await this.connectOne(name, port);
        results.push({ name: known, ok: true, address, hostname, dns });
      } catch (error) {
        results.push({ name, ok: false, error: (error as Error).message });
      }
    }
    return { results };
  }

  /** Stops listening for servers by name; their connections end. */
  async disconnect(names: readonly string[]): Promise<ConnectReply> {
    const results: ConnectReply['results'] = [];
    for (const name of names) {
      const gone = await this.servers.disconnect(name);
      results.push(gone ? { ...gone, ok: true } : { name, ok: false, error: 'is not connected' });
    }
    return { results };
  }

  /** What the account may reach, and what is connected. */
  async status(): Promise<StatusReply> {
    await this.refresh().catch((error: unknown) => this.log.debug({ err: error }, 'what may be reached is not known anew'));
    const resources = this.known.feed?.resources ?? [];
    return {
      account: this.login.account.email,
      server: this.login.server,
      loginExpiresAt: this.login.expiresAt,
      loginEnded: this.ended.is(this.login),
      ...this.known.word,
      servers: resources.map((resource) => this.show(resource)),
    };
  }

  /** Uses another login from now on: links of the old one are dropped. */
  async reload(): Promise<void> {
    const login = readLogin(this.config);
    if (!login) return;
    void this.reports.send(); // of the login that they were made under, while it lasts
    this.dialler = new LinkDialler(login);
    this.reports = new AttemptReports(this.client(), this.log);
    this.pool.clear();
    await this.refresh();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.servers.close();
    await Promise.race([this.pool.close(), new Promise((resolve) => setTimeout(resolve, STOP_WITHIN_MS))]);
    await this.owner.close();
  }

  private get login(): StoredLogin {
    return this.dialler.login;
  }

  private async connectOne(name: string, port: number | undefined): Promise<ServerStatus> {
    const resource = this.known.feed?.resources.find((known) => sameName(known.name, name));
    if (!resource) throw new Error('there is no server of this name that you may reach');
    await this.servers.connect(resource, port, this.known.feed?.resources ?? []);
    return this.show(resource);
  }

  private async listen(resource: Resource, port: number): Promise<Listener> {
    if (resource.connectivityMode !== 'loopback')
      throw new Error('this server is in virtual network mode, and this agent serves loopback mode alone');
    const listener = await Listener.open(
      { address: resource.bindAddress, port },
      { owner: this.owner, allowed: this.allowed },
      (client) => void this.serve(client, resource.id),
      (uid) => this.log.warn({ server: resource.name, uid }, 'a connection of another user was reset'),
    );
    this.pool.warm(resource.cluster);
    return listener;
  }

  private async serve(client: Socket, resourceId: string): Promise<void> {
    const entry = this.servers.get(resourceId);
    if (!entry) return void client.resetAndDestroy();
    this.count(resourceId, 1);
    try {
      const { cluster, dialTimeoutSeconds, keepAliveSeconds, noDelay } = entry.resource;
      client.setNoDelay(noDelay);
      if (keepAliveSeconds > 0) client.setKeepAlive(true, keepAliveSeconds * 1000);
      const target = { resourceId, cluster, dialTimeoutSeconds, sharedListener: this.allowed === 'any' };
      const { pool, excluded } = this;
      const result = await connectSession(client, target, { pool, excluded, report: (attempt) => this.reports.add(attempt) });
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
    if (this.ended.is(this.login) || Date.parse(this.login.certificateExpiresAt) <= Date.now())
      throw new NoRelayError('your login has ended: run `sluice login`', true);
    const { keepAliveSeconds = DEFAULT_SETTINGS.keepAliveSeconds } = this.known.feed ?? {};
    const { dialler } = this;
    const routes = { gateways: this.gateways, direct: this.direct, keepAliveSeconds };
    return dialler.dial(routes, cluster, avoid).catch(async (error: unknown) => {
      if (!(error instanceof NoRelayError && error.certificateRefused)) throw error;
      if (this.dialler === dialler) await this.renew(); // the API says whether we are still who we were
      if (this.dialler === dialler) throw error;
      return this.dialler.dial(routes, cluster, avoid);
    });
  }

  /** Asks again and again what the account may reach: soon after a start, or a failure that may be over in a moment. */
  private async tendForever(): Promise<void> {
    let wait = FIRST_RETRY_MS;
    while (!this.stopped) {
      const answered = await this.tend();
      wait = answered ? FEED_EVERY_MS : Math.min(wait * 2, FEED_EVERY_MS);
      await new Promise((resolve) => (this.timer = setTimeout(resolve, wait)));
      if (answered) wait = FIRST_RETRY_MS;
    }
  }

  private async tend(): Promise<boolean> {
    const answered = await this.refresh().then(
      () => true,
      (error: unknown) => {
        this.log.debug({ err: error }, 'the gateway does not answer');
        return false;
      },
    );
    if (answered) void this.reports.send();
    this.direct.tend();
    if (Date.parse(this.login.certificateExpiresAt) - Date.now() < RENEW_BEFORE_MS) await this.renew();
    return answered;
  }

  private renew(): Promise<void> {
    const asked = this.login;
    this.renewing ??= renewCertificate(asked)
      .then((login) => {
        if (this.login.token !== login.token) return; // signed in anew meanwhile
        this.dialler = new LinkDialler(login);
        keepCertificate(this.config, login);
      })
      .catch((error: unknown) => {
        if (!this.ended.confirms(asked, error)) this.log.warn({ err: error }, 'the certificate could not be renewed');
      })
      .finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  /** Asks what the account may reach now. */
  private async refresh(): Promise<void> {
    const { login } = this;
    const client = this.client();
    let feed: Feed;
    try {
      feed = await this.known.ask(client);
    } catch (error) {
      if (this.ended.confirms(login, error)) throw new Error('your login has ended: run `sluice login`', { cause: error });
      throw error;
    }
    this.ended.takeBack(login);
    if (this.stopped || this.login.token !== login.token) return; // it is the answer to somebody else
    this.known.take(login, feed, client);
    await this.follow(feed);
  }

  /** Goes by what the account may reach now. */
  private async follow(feed: Feed): Promise<void> {
    this.direct.follow(feed.relays);
    this.gateways.follow(feed.gateways.map(({ address }) => address));
    await this.servers.follow(feed.resources);
  }

  private show(resource: Resource): ServerStatus {
    const entry = this.servers.get(resource.id);
    const address = entry ? `${entry.listener.address}:${entry.listener.port}` : `${resource.bindAddress}:${resource.port}`;
    return {
      id: resource.id,
      name: resource.name,
      type: resource.type,
      address,
      hostname: resource.hostname,
      dns: resource.dns,
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
}
