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
  /** Moments between which certificates were issued that the registry has forgotten. */
  private readonly forgotten = new Map<string, { readonly from: number; readonly until: number }>();
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

  /** Whether certificates issued at a moment (milliseconds since 1970) are revoked. */
  revokedIssue(at: number): boolean {
    return [...this.forgotten.values()].some(({ from, until }) => from <= at && at <= until);
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
      if (value.entry?.kind === 'revoked' && value.entry.value.kind === 'issued') this.forgotten.set(id, value.entry.value);
      else this.forgotten.delete(id);
    }
    for (const listener of this.listeners) listener();
  }
}
