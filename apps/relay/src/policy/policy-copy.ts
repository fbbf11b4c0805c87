import {
  Heartbeat,
  HEARTBEAT_KEY,
  policyBucket,
  type PolicyEntry,
  type PolicyKind,
  PolicyValue,
  type PolicyValues,
  SETTINGS_ID,
} from '@sluice/contracts';
import {
  type AccessPolicy,
  type AddressBlock,
  DEFAULT_NETWORK,
  DEFAULT_SETTINGS,
  type OrganizationSettings,
  parseBlock,
  type PolicyAccount,
  type PolicyResource,
  type PolicyRole,
} from '@sluice/domain';
import { type BucketListener, type Bus, watchBucket } from '@sluice/messaging';

/** Hears of changes of the policy; `changedAt` is when the change was committed, milliseconds since 1970. */
export type OnPolicyChange = (changedAt: number) => void;

/**
 * This relay's copy of its cluster's policy. It answers only once the whole of it was heard, ignores anything older than
 * what it has, and knows its own age: from a heartbeat that came after the watch had begun, on the monotonic clock.
 */
export class PolicyCopy implements AccessPolicy, BucketListener {
  private entries = new Map<string, { revision: number; entry: PolicyEntry | null }>();
  private heard = new Set<string>();
  /** Highest revision heard; it counts once all of a round was heard. */
  private highest = 0;
  private appliedRevision = 0;
  /** Keys whose value is not understood: of a newer release. While there are any, nothing later counts as applied. */
  private readonly unread = new Set<string>();
  /** Moments between which certificates were issued that the registry has forgotten. */
  private forgotten: { readonly from: number; readonly until: number }[] = [];
  private complete = false;
  private freshAt: number | undefined;
  private readonly stopped = new AbortController();
  private readonly listeners = new Set<OnPolicyChange>();

  constructor(private readonly now: () => number) {}

  start(bus: Bus, cluster: string, onTrouble: (why: string) => void): void {
    void watchBucket(bus, policyBucket(cluster), this, this.stopped.signal, onTrouble);
  }

  stop(): void {
    this.stopped.abort();
  }

  /** Calls `listener` after each change. */
  onChange(listener: OnPolicyChange): void {
    this.listeners.add(listener);
  }

  /** Milliseconds since the policy was certainly the registry's; infinite before the first time. */
  get ageMs(): number {
    return this.usable ? this.now() - (this.freshAt as number) : Number.POSITIVE_INFINITY;
  }

  /** Whether anything can be decided by it yet. */
  get usable(): boolean {
    return this.complete && this.freshAt !== undefined;
  }

  /** The revision up to which everything that was published is decided by. */
  get applied(): number {
    return this.appliedRevision;
  }

  /** Addresses of the gateways, by id. */
  get gateways(): Map<string, string> {
    const entries = [...this.entries.values()].map(({ entry }) => entry);
    return new Map(entries.flatMap((entry) => (entry?.kind === 'gateway' ? [[entry.value.id, entry.value.address]] : [])));
  }

  /** The organization's settings. */
  get settings(): OrganizationSettings {
    return this.find('settings', SETTINGS_ID) ?? DEFAULT_SETTINGS;
  }

  /** Addresses that exist on clients' machines only. */
  get virtualSubnet(): AddressBlock | undefined {
    return parseBlock(this.find('settings', SETTINGS_ID)?.virtualSubnet ?? DEFAULT_NETWORK.virtualSubnet);
  }

  account(id: string): PolicyAccount | undefined {
    return this.find('account', id);
  }

  role(id: string): PolicyRole | undefined {
    return this.find('role', id);
  }

  resource(id: string): PolicyResource | undefined {
    return this.find('resource', id);
  }

  revoked(kind: 'account' | 'login' | 'node', id: string): boolean {
    return this.find('revoked', id)?.kind === kind;
  }

  /** Whether certificates issued at a moment (milliseconds since 1970) are revoked: the registry has forgotten them. */
  revokedIssue(at: number): boolean {
    return this.forgotten.some(({ from, until }) => from <= at && at <= until);
  }

  /** Takes what the registry says of a key, unless it says less than is known. */
  onValue(key: string, body: unknown, change: boolean): void {
    if (key === HEARTBEAT_KEY) {
      if (change) this.onHeartbeat(body); // one that stood there says nothing of now
      return;
    }
    const value = PolicyValue.safeParse(body);
    if (!value.success) return void this.unread.add(key);
    this.unread.delete(key);
    if (!change) this.heard.add(key);
    const { revision, entry, changedAt } = value.data;
    const known = this.entries.get(key);
    this.highest = Math.max(this.highest, revision);
    if (known && known.revision >= revision) return;
    this.entries.set(key, { revision, entry });
    if (change) this.noteApplied();
    if (this.complete) this.tell(Date.parse(changedAt));
  }

  /** A round of the watch has told everything: what it did not name is not there any more. */
  onComplete(): void {
    for (const key of this.entries.keys()) if (!this.heard.has(key)) this.entries.delete(key);
    this.heard = new Set();
    this.complete = true;
    this.noteApplied();
    this.tell(Date.now());
  }

  private find<K extends PolicyKind>(kind: K, id: string): PolicyValues[K] | undefined {
    const entry = this.entries.get(`${kind}.${id}`)?.entry;
    return entry?.kind === kind ? (entry.value as PolicyValues[K]) : undefined;
  }

  private noteApplied(): void {
    if (this.unread.size === 0) this.appliedRevision = this.highest;
  }

  private onHeartbeat(body: unknown): void {
    if (!Heartbeat.safeParse(body).success || !this.complete) return;
    const first = this.freshAt === undefined;
    this.freshAt = this.now();
    if (first) this.tell(Date.now());
  }

  private tell(changedAt: number): void {
    this.forgotten = [...this.entries.values()].flatMap(({ entry }) =>
      entry?.kind === 'revoked' && entry.value.kind === 'issued' ? [entry.value] : [],
    );
    for (const listener of this.listeners) listener(changedAt);
  }
}
