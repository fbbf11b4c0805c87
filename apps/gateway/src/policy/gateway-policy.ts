import { GATEWAY_BUCKET, PolicyValue } from '@sluice/contracts';
import { DEFAULT_SETTINGS, type OrganizationSettings } from '@sluice/domain';
import { type Bus, watchBucket } from '@sluice/messaging';

/**
 * What a gateway holds of the policy: identities that must not be let in any more, and the organization's settings.
 * What was heard stays while the bus is away.
 */
export class GatewayPolicy {
  private readonly revisions = new Map<string, number>();
  private readonly revokedIds = new Set<string>();
  private readonly stopped = new AbortController();
  private readonly listeners = new Set<() => void>();
  settings: OrganizationSettings = DEFAULT_SETTINGS;

  constructor(private readonly bus: Bus) {}

  start(onTrouble: (why: string) => void): void {
    void watchBucket(
      this.bus,
      GATEWAY_BUCKET,
      { onValue: (key, value) => this.onValue(key, value), onComplete: () => undefined },
      this.stopped.signal,
      onTrouble,
    );
  }

  stop(): void {
    this.stopped.abort();
  }

  /** Whether an account, login or node is revoked. */
  revoked(id: string): boolean {
    return this.revokedIds.has(id);
  }

  /** Calls `listener` after each change. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  private onValue(key: string, body: unknown): void {
    const value = PolicyValue.safeParse(body).data;
    if (!value || (this.revisions.get(key) ?? 0) >= value.revision) return;
    const [kind, id] = key.split('.');
    this.revisions.set(key, value.revision);
    if (kind === 'settings' && value.entry?.kind === 'settings') this.settings = value.entry.value;
    if (kind === 'revoked' && id !== undefined) {
      if (value.entry) this.revokedIds.add(id);
      else this.revokedIds.delete(id);
    }
    for (const listener of this.listeners) listener();
  }
}
