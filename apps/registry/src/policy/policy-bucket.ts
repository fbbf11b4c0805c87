import type { KV } from '@nats-io/kv';
import { Heartbeat, HEARTBEAT_KEY, type PolicyEntry, PolicyValue } from '@sluice/contracts';
import { canonicalJson } from '@sluice/domain';
import { type Bus, forgetKey, makeBucket, readBucket } from '@sluice/messaging';
import type { z } from 'zod';
import type { BucketView } from './policy-entries.js';

/** One policy bucket as its publisher sees it: it knows what stands there, and writes only onto what it knows. */
export class PolicyBucket {
  private constructor(
    private readonly bus: Bus,
    private readonly name: string,
    private readonly kv: KV,
    readonly view: BucketView,
    private readonly known: Map<string, { sequence: number; value: PolicyValue | undefined }>,
    /** When a heartbeat was last written, as it was when the bucket was opened. */
    readonly lastBeat: string | undefined,
    private readonly lastRevision: number,
  ) {}

  /** Opens the bucket, makes it when missing, and reads all that stands there. `view` says what of an entry is for it. */
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

  /** The highest revision ever written here: revisions go on above it, after a restore from a backup too. */
  get highestRevision(): number {
    return [...this.known.values()].reduce((highest, { value }) => Math.max(highest, value?.revision ?? 0), this.lastRevision);
  }

  /** Keys that have an entry, not a tombstone. */
  get present(): string[] {
    return [...this.known].filter(([, { value }]) => value !== undefined && value.entry !== null).map(([key]) => key);
  }

  /** The revision with which a key stands here: of its entry or its tombstone. Undefined for a key that was never there. */
  revisionOf(key: string): number | undefined {
    return this.known.get(key)?.value?.revision;
  }

  /** Whether this very entry (or its absence) stands under a key. */
  holds(key: string, entry: PolicyEntry | null): boolean {
    const value = this.known.get(key)?.value;
    return value === undefined ? entry === null : canonicalJson(value.entry) === canonicalJson(entry); // each side has its own order of keys
  }

  /** Writes a value. @throws Error when somebody else wrote in between: then there are two publishers, and this one must begin again. */
  async put(key: string, value: PolicyValue): Promise<void> {
    const sequence = await this.kv.put(key, JSON.stringify(value), { previousSeq: this.known.get(key)?.sequence ?? 0 });
    this.known.set(key, { sequence, value });
  }

  /**
   * Takes away words that something is gone which were said before a moment. Readers need such a word while they follow the
   * changes only: one that missed any reads everything again, and drops what is not named. The revisions go on above them,
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
