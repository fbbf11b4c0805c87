import {
  Heartbeat,
  HEARTBEAT_KEY,
  type PolicyEntry,
  type PolicyKind,
  PolicyValue,
  type PolicyValues,
  SETTINGS_ID,
} from '@sluice/contracts';
import {
  type AccessPolicy,
  DEFAULT_SETTINGS,
  type OrganizationSettings,
  type PolicyAccount,
  type PolicyResource,
  type PolicyRole,
} from '@sluice/domain';
import type { Bus } from '../bus/bus.js';
import { type BucketListener, watchBucket } from '../bucket/watch-bucket.js';

/**
 * Called after each change of the policy.
 * @param changedAt when the change was committed, milliseconds since 1970
 * @param key `<kind>.<id>` of what changed; undefined if everything was read again, so that any part may have changed
 */
export type OnPolicyChange = (changedAt: number, key: string | undefined) => void;

/** The holder of a certificate, which can be revoked. */
export type Revocable =
  | { readonly kind: 'account'; readonly accountId: string; readonly loginId: string }
  | { readonly kind: 'gateway' | 'relay'; readonly nodeId: string };

/** How a certificate was issued: when, in milliseconds since 1970, and the fingerprint of its authority. */
export interface Issue {
  readonly issuedAt: number;
  readonly authority: string;
}

/** A period in which certificates were issued that the registry does not know, in milliseconds since 1970. */
interface Forgotten {
  readonly from: number;
  readonly until: number;
}

/**
 * A replica of a policy bucket, so that the process can decide while the bus is unavailable. It is usable only once the whole
 * bucket was read, ignores values older than those it has, and knows its own age: the time, by the monotonic clock, since the
 * last heartbeat that arrived after the watch began.
 *
 *   values, one by one ──► complete ──► changes, each applied at once ──► (connection lost) ──► values, one by one
 *   nothing is decided     what the round did not contain is removed      decides by what it has, while its age grows
 */
export class PolicyReplica implements AccessPolicy, BucketListener {
  private readonly entries = new Map<string, { readonly revision: number; readonly entry: PolicyEntry | null }>();
  /** The highest revision received; it counts once a round is complete. */
  private highest = 0;
  private appliedRevision = 0;
  /** Keys whose value could not be parsed, because a newer release wrote it. While there are any, no later revision counts as applied. */
  private readonly unread = new Set<string>();
  private readonly forgotten = new Map<string, Forgotten>();
  private complete = false;
  private freshAt: number | undefined;
  private readonly stopped = new AbortController();
  private readonly listeners = new Set<OnPolicyChange>();

  /** @param now a monotonic clock, in milliseconds */
  constructor(private readonly now: () => number) {}

  /** Starts to watch a bucket, until `stop`. */
  start(bus: Bus, bucket: string, onTrouble: (why: string) => void): void {
    void watchBucket(bus, bucket, this, this.stopped.signal, onTrouble);
  }

  stop(): void {
    this.stopped.abort();
  }

  /** Calls `listener` after each change. */
  onChange(listener: OnPolicyChange): void {
    this.listeners.add(listener);
  }

  /** Milliseconds since the replica was certainly up to date; infinite before the first heartbeat. */
  get ageMs(): number {
    return this.usable ? this.now() - (this.freshAt as number) : Number.POSITIVE_INFINITY;
  }

  /** Whether decisions can be based on it yet. */
  get usable(): boolean {
    return this.complete && this.freshAt !== undefined;
  }

  /** The revision up to which every published change has been applied. */
  get applied(): number {
    return this.appliedRevision;
  }

  /** One entry; undefined if it does not exist. */
  find<K extends PolicyKind>(kind: K, id: string): PolicyValues[K] | undefined {
    const entry = this.entries.get(`${kind}.${id}`)?.entry;
    return entry?.kind === kind ? (entry.value as PolicyValues[K]) : undefined;
  }

  /** Every entry of a kind. */
  *all<K extends PolicyKind>(kind: K): Generator<PolicyValues[K]> {
    for (const { entry } of this.entries.values()) if (entry?.kind === kind) yield entry.value as PolicyValues[K];
  }

  /** The organization's settings. */
  get settings(): OrganizationSettings {
    return this.find('settings', SETTINGS_ID) ?? DEFAULT_SETTINGS;
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

  /** Whether an account, login or node is revoked. */
  revoked(kind: 'account' | 'login' | 'node', id: string): boolean {
    return this.find('revoked', id)?.kind === kind;
  }

  /** Whether certificates issued at a time (milliseconds since 1970) are revoked, because the registry does not know them. */
  revokedIssue(at: number): boolean {
    for (const { from, until } of this.forgotten.values()) if (from <= at && at <= until) return true;
    return false;
  }

  /** Fingerprints of the certificate authorities that are accepted, first the one that signs; undefined if the registry is of an older release. */
  get authorities(): readonly string[] | undefined {
    return this.find('settings', SETTINGS_ID)?.authorities;
  }

  /** Whether certificates of an authority, named by its fingerprint, are accepted. */
  accepts(authority: string): boolean {
    return this.authorities?.includes(authority) ?? true;
  }

  /** Why a certificate must not be accepted any more; undefined if it may be. */
  revocationOf(holder: Revocable, { issuedAt, authority }: Issue): string | undefined {
    const revoked =
      holder.kind === 'account'
        ? this.revoked('account', holder.accountId) || this.revoked('login', holder.loginId)
        : this.revoked('node', holder.nodeId);
    if (revoked) return `this ${holder.kind} is revoked`;
    if (!this.accepts(authority)) return 'the authority of this certificate is not accepted any more: get a new one';
    return this.revokedIssue(issuedAt)
      ? 'this certificate was issued after the backup that was restored: get a new one'
      : undefined;
  }

  /** Applies what the registry has published under a key, unless it is older than what is known. */
  onValue(key: string, body: unknown, change: boolean): void {
    if (key === HEARTBEAT_KEY) {
      if (change) this.onHeartbeat(body); // a stored heartbeat says nothing about the present
      return;
    }
    const value = PolicyValue.safeParse(body);
    if (!value.success) return void this.unread.add(key);
    this.unread.delete(key);
    const { revision, entry, changedAt } = value.data;
    this.highest = Math.max(this.highest, revision);
    if ((this.entries.get(key)?.revision ?? 0) >= revision) return;
    this.set(key, revision, entry);
    if (change) this.noteApplied();
    if (this.complete) this.changed(Date.parse(changedAt), key);
  }

  /** A round of the watch has read everything; what is not among its keys is removed. */
  onComplete(keys: ReadonlySet<string>): void {
    for (const key of this.entries.keys()) if (!keys.has(key)) this.remove(key);
    for (const key of this.unread) if (!keys.has(key)) this.unread.delete(key);
    this.complete = true;
    this.noteApplied();
    this.changed(Date.now(), undefined);
  }

  private set(key: string, revision: number, entry: PolicyEntry | null): void {
    this.entries.set(key, { revision, entry });
    if (entry?.kind === 'revoked' && entry.value.kind === 'issued') this.forgotten.set(key, entry.value);
    else this.forgotten.delete(key);
  }

  private remove(key: string): void {
    this.entries.delete(key);
    this.forgotten.delete(key);
  }

  private noteApplied(): void {
    if (this.unread.size === 0) this.appliedRevision = this.highest;
  }

  private onHeartbeat(body: unknown): void {
    if (!Heartbeat.safeParse(body).success || !this.complete) return;
    const first = this.freshAt === undefined;
    this.freshAt = this.now();
    if (first) this.changed(Date.now(), undefined);
  }

  private changed(changedAt: number, key: string | undefined): void {
    for (const listener of this.listeners) listener(changedAt, key);
  }
}
