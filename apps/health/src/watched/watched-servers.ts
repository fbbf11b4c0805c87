import { HEALTH_POLICY_BUCKET } from '@sluice/contracts';
import { type CheckMode, checkSettingsOf } from '@sluice/domain';
import { type Bus, PolicyReplica } from '@sluice/messaging';

/** What the policy says of a server. Times are milliseconds. */
export interface WatchedServer {
  /** Cluster, host and port. */
  readonly endpoint: string;
  readonly cluster: string;
  readonly check: CheckMode;
  readonly intervalMs: number;
  readonly budgetMs: number;
}

/** Called for a server that was added, changed or deleted; it may not have changed at all. */
type OnServer = (resourceId: string) => void;

/** The servers of the policy. */
export class WatchedServers {
  private readonly policy = new PolicyReplica(() => performance.now());
  private readonly servers = new Map<string, WatchedServer>();
  /** When the policy was last read as a whole, on the monotonic clock. */
  private readAt = Number.POSITIVE_INFINITY;

  /** @param onRead called when the whole policy was read again, after `onServer` of every server */
  start(bus: Bus, onServer: OnServer, onRead: () => void, onTrouble: (why: string) => void): void {
    this.policy.onChange((_, key) => {
      const [kind, id] = key?.split('.') ?? [];
      if (kind === 'resource' && id !== undefined) return this.follow(id, onServer);
      const whole = new Set([...this.servers.keys(), ...[...this.policy.all('resource')].map((resource) => resource.id)]);
      for (const each of whole) this.follow(each, onServer); // the settings of all may have changed
      if (key !== undefined) return;
      this.readAt = performance.now();
      onRead();
    });
    this.policy.start(bus, HEALTH_POLICY_BUCKET, onTrouble);
  }

  stop(): void {
    this.policy.stop();
  }

  /** Whether the policy was read, so that a server which is not here does not exist, or is very new. */
  get isRead(): boolean {
    return this.readAt < Number.POSITIVE_INFINITY;
  }

  /** Whether a heartbeat has confirmed that the whole policy was in its bucket when it was read. */
  get isConfirmed(): boolean {
    return this.isRead && this.policy.ageMs < performance.now() - this.readAt;
  }

  /** Milliseconds since the policy was certainly up to date; infinite until it was read. */
  get policyAgeMs(): number {
    return this.policy.ageMs;
  }

  get size(): number {
    return this.servers.size;
  }

  find(resourceId: string): WatchedServer | undefined {
    return this.servers.get(resourceId);
  }

  /** All servers by id. */
  all(): Iterable<[string, WatchedServer]> {
    return this.servers;
  }

  private follow(id: string, onServer: OnServer): void {
    const resource = this.policy.find('resource', id);
    if (resource) {
      const { cluster, hostname, port, check = 'connect', settings } = resource;
      const { checkIntervalSeconds, checkBudgetSeconds } = checkSettingsOf(this.policy.settings, settings);
      const times = { intervalMs: checkIntervalSeconds * 1000, budgetMs: checkBudgetSeconds * 1000 };
      this.servers.set(id, { endpoint: `${cluster} ${hostname} ${port}`, cluster, check, ...times });
    } else this.servers.delete(id);
    onServer(id);
  }
}
