import type { Socket } from 'node:net';
import type { Log } from '@sluice/process';
import type { Schemas } from '@sluice/sdk';
import type { AllowedUser } from '../listener/listener.js';
import type { LinkPool } from '../link/link-pool.js';
import { connectSession, type UnansweredAttempt } from '../session/connect-session.js';
import { ExcludedRelays } from '../session/excluded-relays.js';
import type { ServerStatus } from '../control/control-messages.js';

type Resource = Schemas['AgentFeed']['resources'][number];

/** Carries the connections of clients, and remembers for each server how many it has and why the last one failed. */
export class ServerSessions {
  private readonly excluded = new ExcludedRelays();
  private readonly counts = new Map<string, number>();
  private readonly lastRefusals = new Map<string, NonNullable<ServerStatus['lastRefusal']>>();

  constructor(
    private readonly pool: LinkPool,
    private readonly allowed: AllowedUser,
    private readonly report: (attempt: UnansweredAttempt) => void,
    private readonly log: Log,
  ) {}

  /** Carries one client's connection to its end; a client that is refused is reset. */
  async serve(client: Socket, resource: Resource): Promise<void> {
    const { id: resourceId, cluster, dialTimeoutSeconds, keepAliveSeconds, noDelay } = resource;
    this.count(resourceId, 1);
    try {
      client.setNoDelay(noDelay);
      if (keepAliveSeconds > 0) client.setKeepAlive(true, keepAliveSeconds * 1000);
      const target = { resourceId, cluster, dialTimeoutSeconds, sharedListener: this.allowed === 'any' };
      const { pool, excluded, report } = this;
      const result = await connectSession(client, target, { pool, excluded, report });
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

  /** The number of sessions that a server has now, and its last refusal. */
  of(resourceId: string): Pick<ServerStatus, 'sessions' | 'lastRefusal'> {
    return { sessions: this.counts.get(resourceId) ?? 0, lastRefusal: this.lastRefusals.get(resourceId) ?? null };
  }

  private count(resourceId: string, by: number): void {
    this.counts.set(resourceId, (this.counts.get(resourceId) ?? 0) + by);
  }

  private note(resourceId: string, reason: string, message: string): void {
    this.lastRefusals.set(resourceId, { at: new Date().toISOString(), reason, message });
    this.log.info({ resourceId, reason, why: message }, 'a connection was refused or ended');
  }
}
