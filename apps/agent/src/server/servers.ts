import type { Log } from '@sluice/process';
import type { Schemas } from '@sluice/sdk';
import type { ServerStatus } from '../control/control-messages.js';
import type { LinkPool } from '../link/link-pool.js';
import { Listener, type Listening } from '../listener/listener.js';
import { PeerOwner } from '../listener/peer-owner.js';
import type { UnansweredAttempt } from '../session/connect-session.js';
import { ConnectedServers } from './connected-servers.js';
import { ServerSessions } from './server-sessions.js';

type Resource = Schemas['AgentFeed']['resources'][number];

/** The servers of an account on this machine. Each connected one has a listener, whose clients are carried to it. */
export class Servers {
  /** The connected servers, which are also stored in a file. */
  readonly connected: ConnectedServers;
  private readonly owner = new PeerOwner();
  private readonly sessions: ServerSessions;

  constructor(
    connectedFile: string,
    private readonly listening: Listening,
    private readonly pool: LinkPool,
    report: (attempt: UnansweredAttempt) => void,
    private readonly log: Log,
  ) {
    this.sessions = new ServerSessions(pool, listening.allowed, report, log);
    this.connected = new ConnectedServers(
      connectedFile,
      (resource, port) => this.listen(resource, port),
      log,
      (resource) => this.addressOf(resource),
    );
  }

  /** A server as `status` shows it. */
  status(resource: Resource): ServerStatus {
    const entry = this.connected.get(resource.id);
    const { id, name, type, hostname, dns, tags, health } = resource;
    const address = entry ? `${entry.listener.address}:${entry.listener.port}` : `${this.addressOf(resource)}:${resource.port}`;
    return { id, name, type, address, hostname, dns, tags, health, connected: entry !== undefined, ...this.sessions.of(id) };
  }

  /** Closes the listeners and resets their clients. */
  closeListeners(): void {
    this.connected.close();
  }

  /** Ends the look-up of who owns a connection. The listeners must be closed before. */
  async close(): Promise<void> {
    await this.owner.close();
  }

  private addressOf(resource: Resource): string {
    return this.listening.address ?? resource.bindAddress;
  }

  private async listen(resource: Resource, port: number): Promise<Listener> {
    if (resource.connectivityMode !== 'loopback')
      throw new Error('this server is in virtual network mode, and this agent serves loopback mode only');
    const listener = await Listener.open(
      { address: this.addressOf(resource), port },
      { owner: this.owner, allowed: this.listening.allowed },
      (client, acceptedAt) => {
        const entry = this.connected.get(resource.id);
        if (entry) void this.sessions.serve(client, entry.resource, acceptedAt);
        else client.resetAndDestroy();
      },
      (uid) => this.log.warn({ server: resource.name, uid }, 'a connection of another user was reset'),
    );
    this.pool.warm(resource.cluster);
    return listener;
  }
}
