import type { KV } from '@nats-io/kv';
import { Heartbeat, HEARTBEAT_KEY, type PolicyEntry, PolicyValue } from '@sluice/contracts';
import { canonicalJson } from '@sluice/domain';
import { type Bus, forgetKey, makeBucket, readBucket } from '@sluice/messaging';
import type { z } from 'zod';
import type { BucketView } from './policy-entries.js';

/** One policy bucket as its publisher sees it. It knows the contents, and overwrites a key only if it still has the known value. */
export class PolicyBucket {
  private constructor(
    private readonly bus: Bus,
    private readonly name: string,
    private readonly kv: KV,
    readonly view: BucketView,
    private readonly known: Map<string, { sequence: number; value: PolicyValue | undefined }>,
    /** When a heartbeat had last been written before the bucket was opened. */
    readonly lastBeat: string | undefined,
    private readonly lastRevision: number,
  ) {}

  /** Opens the bucket, which is created if it is missing, and reads its contents. `view` selects the entries that belong in it. */
  static async open(bus: Bus, name: string, view: BucketView): Promise<PolicyBucket> {
    const kv = await makeBucket(bus, name);
    const known = new Map<string, { sequence: number; value: PolicyValue | undefined }>();
    let lastBeat: string | undefined;
    let lastRevision = 0;
    for await (const { key, sequence, value } of readBucket(bus, name)) {
      if (key === HEARTBEAT_KEY) {
        const beat = Heartbeat.safeParse(value).data;
        [lastBeat, lastRevision] = [beat?.at, beat?.revision ?? 0];
      }
      known.set(key, { sequence, value: PolicyValue.safeParse(value).data });
    }
    return new PolicyBucket(bus, name, kv, view, known, lastBeat, lastRevision);
  }

  /** The highest revision ever written here. New revisions continue above it, also after the database was restored from a backup. */
  get highestRevision(): number {
    return [...this.known.values()].reduce((highest, { value }) => Math.max(highest, value?.revision ?? 0), this.lastRevision);
  }

  /** The keys that have an entry rather than a tombstone. */
  get present(): string[] {
    return [...this.known].filter(([, { value }]) => value !== undefined && value.entry !== null).map(([key]) => key);
  }

  /** The revision of a key's entry or tombstone; undefined if it has neither. */
  revisionOf(key: string): number | undefined {
    return this.known.get(key)?.value?.revision;
  }

  /** Whether a key already has exactly this entry, or none if `entry` is null. */
  holds(key: string, entry: PolicyEntry | null): boolean {
    const value = this.known.get(key)?.value;
    return value === undefined ? entry === null : canonicalJson(value.entry) === canonicalJson(entry); // canonical, because the order of keys may differ
  }

  /** Writes a value. @throws Error if somebody else has written it meanwhile: then there are two publishers, and this one must start again */
  async put(key: string, value: PolicyValue): Promise<void> {
    const sequence = await this.kv.put(key, JSON.stringify(value), { previousSeq: this.known.get(key)?.sequence ?? 0 });
    this.known.set(key, { sequence, value });
  }

  /**
   * Removes tombstones written before the given time. Readers need a tombstone only while they watch changes: one that missed
   * any reads the whole bucket again and drops what is missing. Revisions still continue above those of removed tombstones,
   * because the heartbeat and the database keep the highest.
   */
  async forgetGone(before: Date): Promise<void> {
    for (const [key, { value }] of this.known) {
      if (value === undefined || value.entry !== null || Date.parse(value.changedAt) >= before.getTime()) continue;
      await forgetKey(this.bus, this.name, key);
      this.known.delete(key);
    }
  }

  /** Writes the heartbeat. */
  async beat(heartbeat: z.infer<typeof Heartbeat>): Promise<void> {
    const sequence = await this.kv.put(HEARTBEAT_KEY, JSON.stringify(heartbeat), {
      previousSeq: this.known.get(HEARTBEAT_KEY)?.sequence ?? 0,
    });
    this.known.set(HEARTBEAT_KEY, { sequence, value: undefined });
  }
}
