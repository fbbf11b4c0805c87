import { setTimeout as sleep } from 'node:timers/promises';
import { BackOff } from '@sluice/domain';
import type { Log } from '@sluice/process';
import { ApiError, type Schemas } from '@sluice/sdk';
import type { AgentConfig } from '../config.js';
import type { AgentControl, ConnectReply, ServerStatus, StatusReply } from '../control/control-messages.js';
import { KnownFeed } from '../feed/known-feed.js';
import { Links } from '../link/links.js';
import type { Listening } from '../listener/listener.js';
import { CurrentLogin } from '../login/current-login.js';
import { readLogin } from '../login/stored-login.js';
import { sameName } from '../server/connected-servers.js';
import { Servers } from '../server/servers.js';
import { AttemptReports } from '../session/attempt-reports.js';

type Feed = Schemas['AgentFeed'];

const FEED_EVERY_MS = 5000;
/** How long a stop waits until the relays have received why their sessions ended, in milliseconds. */
const STOP_WITHIN_MS = 2000;
/** The longest first wait after the API did not respond; it doubles up to `FEED_EVERY_MS`. */
const FIRST_RETRY_MS = 500;

/**
 * The agent: it acts under one login, listens at the bind addresses of connected servers, and carries their connections.
 *
 *   sluice command ──► control/ ──► Agent ──► login/   the one login, whose certificate is renewed in time
 *                                     ├─────► feed/    what the account may reach: read from the API every 5 s, kept in a file
 *                                     │         │ follow
 *                                     │         ▼
 *   client ──► listener/ ──► server/ ◄┴─────► link/    which servers are connected; gateways, relays and ready links
 *                              └──► session/ ──► link/ ──► relay
 */
export class Agent implements AgentControl {
  private readonly known: KnownFeed;
  private readonly links: Links;
  private readonly servers: Servers;
  private reports: AttemptReports;
  private readonly stopping = new AbortController();

  private constructor(
    config: AgentConfig,
    listening: Listening,
    private readonly log: Log,
    private readonly login: CurrentLogin,
  ) {
    this.known = new KnownFeed(config, log);
    this.links = new Links(login);
    this.reports = new AttemptReports(login.client(), log);
    this.servers = new Servers(config.connectedFile, listening, this.links.pool, (attempt) => this.reports.add(attempt), log);
  }

  /**
   * Starts with the stored login and feed, without waiting for the API, and connects the servers that were connected before.
   * @throws Error when nobody is signed in
   */
  static async start(config: AgentConfig, listening: Listening, log: Log): Promise<Agent> {
    const login = readLogin(config);
    if (!login) throw new Error('nobody is signed in here: run `sluice login` first');
    const agent = new Agent(config, listening, log, new CurrentLogin(config, login, log));
    const kept = agent.known.begin(login);
    if (kept) await agent.follow(kept);
    void agent.tendUntilStopped();
    return agent;
  }

  /** Connects servers by name. The others are connected even if one cannot be. */
  async connect(asked: readonly string[] | 'all', port: number | undefined): Promise<ConnectReply> {
    const trouble = await this.refresh().then(
      () => null,
      (error: unknown) => {
        if (!this.known.feed || !(error instanceof ApiError) || this.known.systemState.suspended) throw error;
        return error.message; // otherwise the last known feed is used
      },
    );
    const names = asked === 'all' ? (this.known.feed?.resources ?? []).map(({ name }) => name) : asked;
    const results: ConnectReply['results'] = [];
    for (const name of names) {
      try {
        const { name: known, address, hostname, dns, health } = await this.connectOne(name, port);
        results.push({ name: known, ok: true, address, hostname, dns, ...(trouble === null ? { health } : {}) });
      } catch (error) {
        results.push({ name, ok: false, error: (error as Error).message });
      }
    }
    return { results, trouble };
  }

  /** Stops listening for servers by name; their connections end. */
  async disconnect(names: readonly string[]): Promise<ConnectReply> {
    const results: ConnectReply['results'] = [];
    for (const name of names) {
      const gone = await this.servers.connected.disconnect(name);
      results.push(gone ? { ...gone, ok: true } : { name, ok: false, error: 'it is not connected' });
    }
    return { results, trouble: null };
  }

  /** The servers that the account may reach, and which of them are connected. */
  async status(): Promise<StatusReply> {
    await this.refresh().catch((error: unknown) => this.log.debug({ err: error }, 'the list of servers could not be refreshed'));
    const { account, server, expiresAt } = this.login.present;
    return {
      account: account.email,
      server,
      loginExpiresAt: expiresAt,
      loginEnded: this.login.hasEnded,
      ...this.known.systemState,
      servers: (this.known.feed?.resources ?? []).map((resource) => this.servers.status(resource)),
    };
  }

  /** Reads the stored login again and uses it from now on; unused links of the old one are closed. */
  async reload(): Promise<void> {
    const { reports } = this;
    if (!this.login.reload()) return;
    void reports.send(); // under the old login, to which these attempts belong, while it is still valid
    this.reports = new AttemptReports(this.login.client(), this.log);
    this.links.pool.clear();
    await this.refresh();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.servers.closeListeners();
    await Promise.race([this.links.pool.close(), sleep(STOP_WITHIN_MS)]);
    await this.servers.close();
  }

  private async connectOne(name: string, port: number | undefined): Promise<ServerStatus> {
    const resources = this.known.feed?.resources ?? [];
    const resource = resources.find((known) => sameName(known.name, name));
    if (!resource) throw new Error('there is no server of this name that you may reach');
    await this.servers.connected.connect(resource, port, resources);
    return this.servers.status(resource);
  }

  /** Reads the feed at intervals, which are shorter after a failure because it may be over soon. */
  private async tendUntilStopped(): Promise<void> {
    const retry = new BackOff(FIRST_RETRY_MS, FEED_EVERY_MS);
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const responded = await this.tend();
      if (responded) retry.reset();
      await sleep(responded ? FEED_EVERY_MS : retry.next(), undefined, { signal }).catch(() => undefined);
    }
  }

  private async tend(): Promise<boolean> {
    const responded = await this.refresh().then(
      () => true,
      (error: unknown) => {
        this.log.debug({ err: error }, 'the gateway does not respond');
        return false;
      },
    );
    if (responded) void this.reports.send();
    this.links.tend();
    await this.login.tend();
    return responded;
  }

  /** Reads the feed from the API and adopts it. @throws Error when the API does not return it */
  private async refresh(): Promise<void> {
    const login = this.login.present;
    const client = this.login.client();
    let feed: Feed;
    try {
      feed = await this.known.ask(client);
    } catch (error) {
      if (this.login.rejects(login, error)) throw new Error('your login has ended: run `sluice login`', { cause: error });
      throw error;
    }
    this.login.accepted(login);
    if (this.stopping.signal.aborted || this.login.present.token !== login.token) return; // the feed of an earlier login
    this.login.followAuthorities(feed.authorities);
    this.known.adopt(login, feed, client);
    await this.follow(feed);
  }

  /** Makes links and listeners follow a feed. */
  private async follow(feed: Feed): Promise<void> {
    this.links.follow(feed);
    await this.servers.connected.follow(feed.resources);
  }
}
