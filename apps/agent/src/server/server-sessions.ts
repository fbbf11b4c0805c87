import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Log } from '@sluice/process';
import type { Schemas } from '@sluice/sdk';
import type { AllowedUser } from '../listener/listener.js';
import type { LinkPool } from '../link/link-pool.js';
import { connectSession, type UnansweredAttempt } from '../session/connect-session.js';
import { ExcludedRelays } from '../session/excluded-relays.js';
import { OpeningTrace } from '../session/opening-trace.js';
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

  /**
   * Carries one client's connection to its end; a client that is refused is reset.
   * @param acceptedAt when it was accepted, milliseconds since 1970
   */
  async serve(client: Socket, resource: Resource, acceptedAt: number): Promise<void> {
    const { id: resourceId, cluster, dialTimeoutSeconds, keepAliveSeconds, noDelay } = resource;
    const ids = { requestId: randomUUID(), resourceId };
    const trace = new OpeningTrace(ids, acceptedAt);
    this.count(resourceId, 1);
    try {
      client.setNoDelay(noDelay);
      if (keepAliveSeconds > 0) client.setKeepAlive(true, keepAliveSeconds * 1000);
      const target = { ...ids, cluster, dialTimeoutSeconds, sharedListener: this.allowed === 'any' };
      const { pool, excluded, report } = this;
      const result = await connectSession(client, target, { pool, excluded, report, trace });
      const cut = result.carried && result.end.kind === 'remote-reset' && result.end.reason !== 'reset' ? result.end : undefined;
      const refusal = result.carried ? cut : result;
      if (!result.carried) trace.failed(result.reason);
      if (refusal) trace.within(() => this.note(ids, refusal.reason, refusal.message));
    } catch (error) {
      client.resetAndDestroy();
      trace.failed('fault');
      trace.within(() => this.log.error({ err: error, ...ids }, 'a connection failed inside the agent'));
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

  private note(ids: { requestId: string; resourceId: string }, reason: string, message: string): void {
    this.lastRefusals.set(ids.resourceId, { at: new Date().toISOString(), reason, message });
    this.log.info({ ...ids, reason, why: message }, 'a connection was refused or ended');
  }
}
