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
  /** Keys that this round of the watch has named. */
  private named = new Set<string>();
  /** Highest revision heard; it counts once all of a round was heard. */
  private highest = 0;
  private appliedRevision = 0;
  private readonly stopped = new AbortController();
  private readonly listeners = new Set<() => void>();
  settings: OrganizationSettings = DEFAULT_SETTINGS;

  constructor(private readonly bus: Bus) {}

  start(onTrouble: (why: string) => void): void {
    void watchBucket(
      this.bus,
      GATEWAY_BUCKET,
      {
        onValue: (key, value, change) => this.onValue(key, value, change),
        onComplete: () => {
          this.dropUnnamed();
          this.appliedRevision = this.highest;
          this.tell();
        },
      },
      this.stopped.signal,
      onTrouble,
    );
  }

  stop(): void {
    this.stopped.abort();
  }

  /** The revision up to which everything that was published is decided by. */
  get applied(): number {
    return this.appliedRevision;
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

  private onValue(key: string, body: unknown, change: boolean): void {
    const value = PolicyValue.safeParse(body).data;
    if (!change) this.named.add(key);
    if (!value || (this.revisions.get(key) ?? 0) >= value.revision) return;
    const [kind, id] = key.split('.');
    this.revisions.set(key, value.revision);
    this.highest = Math.max(this.highest, value.revision);
    if (kind === 'settings' && value.entry?.kind === 'settings') this.settings = value.entry.value;
    if (kind === 'revoked' && id !== undefined) {
      if (value.entry) this.revokedIds.add(id);
      else this.revokedIds.delete(id);
      if (value.entry?.kind === 'revoked' && value.entry.value.kind === 'issued') this.forgotten.set(id, value.entry.value);
      else this.forgotten.delete(id);
    }
    if (change) this.appliedRevision = this.highest;
    this.tell();
  }

  /** A round of the watch has told everything: what it did not name is not there any more. */
  private dropUnnamed(): void {
    for (const key of this.revisions.keys()) {
      if (this.named.has(key)) continue;
      const id = key.split('.')[1] ?? '';
      this.revisions.delete(key);
      this.revokedIds.delete(id);
      this.forgotten.delete(id);
    }
    this.named = new Set();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
