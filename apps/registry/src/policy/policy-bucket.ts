import type { KV } from '@nats-io/kv';
import { Heartbeat, HEARTBEAT_KEY, type PolicyEntry, PolicyValue } from '@sluice/contracts';
import { type Bus, makeBucket, readBucket } from '@sluice/messaging';
import type { z } from 'zod';
import type { BucketView } from './policy-entries.js';

/** One policy bucket as its publisher sees it: it knows what stands there, and writes only onto what it knows. */
export class PolicyBucket {
  private constructor(
    private readonly kv: KV,
    readonly view: BucketView,
    private readonly known: Map<string, { sequence: number; value: PolicyValue | undefined }>,
    /** When a heartbeat was last written, as it was when the bucket was opened. */
    readonly lastBeat: string | undefined,
  ) {}

  /** Opens the bucket, makes it when missing, and reads all that stands there. `view` says what of an entry is for it. */
  static async open(bus: Bus, name: string, view: BucketView): Promise<PolicyBucket> {
    const kv = await makeBucket(bus, name);
    const known = new Map<string, { sequence: number; value: PolicyValue | undefined }>();
    let lastBeat: string | undefined;
    for await (const { key, sequence, value } of readBucket(bus, name)) {
      if (key === HEARTBEAT_KEY) lastBeat = Heartbeat.safeParse(value).data?.at;
      known.set(key, { sequence, value: PolicyValue.safeParse(value).data });
    }
    return new PolicyBucket(kv, view, known, lastBeat);
  }

  /** The highest revision ever written here: revisions go on above it, after a restore from a backup too. */
  get highestRevision(): number {
    return Math.max(0, ...[...this.known.values()].map(({ value }) => value?.revision ?? 0));
  }

  /** Keys that have an entry, not the word that it is gone. */
  get present(): string[] {
    return [...this.known].filter(([, { value }]) => value !== undefined && value.entry !== null).map(([key]) => key);
  }

  /** Whether this very entry (or its absence) stands under a key. */
  holds(key: string, entry: PolicyEntry | null): boolean {
    const value = this.known.get(key)?.value;
    return value === undefined ? entry === null : JSON.stringify(value.entry) === JSON.stringify(entry);
  }

  /** Writes a value. @throws Error when somebody else wrote in between: then there are two publishers, and this one must begin again. */
  async put(key: string, value: PolicyValue): Promise<void> {
    const sequence = await this.kv.put(key, JSON.stringify(value), { previousSeq: this.known.get(key)?.sequence ?? 0 });
    this.known.set(key, { sequence, value });
  }

  /** Writes the heartbeat. */
  async beat(heartbeat: z.infer<typeof Heartbeat>): Promise<void> {
    const sequence = await this.kv.put(HEARTBEAT_KEY, JSON.stringify(heartbeat), {
      previousSeq: this.known.get(HEARTBEAT_KEY)?.sequence ?? 0,
    });
    this.known.set(HEARTBEAT_KEY, { sequence, value: undefined });
  }
}
