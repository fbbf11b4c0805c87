import type { KV } from '@nats-io/kv';
import { randomUUID } from 'node:crypto';
import { HEALTH_BUCKET, healthKey, type ResourceHealthChanged, type ServerHealth } from '@sluice/contracts';
import { type Bus, type BucketListener, forgetKey, makeBucket, readKey, watchBucket } from '@sluice/messaging';
import { changeOf } from '../change/health-change.js';
import { type HealthEntry, type HealthValue, readValue, showHealth, writeValue } from './health-entry.js';

/** A change of an entry; it returns undefined if there is nothing to change. If another copy wrote first, it runs again with the new entry. */
export type EntryChange = (present: HealthValue | undefined) => HealthEntry | undefined;

/** Called after each write of this copy with the health of a server before and after it, and its fact, which is pending in the entry. */
export type OnShown = (
  resourceId: string,
  before: ServerHealth | undefined,
  after: ServerHealth,
  fact: ResourceHealthChanged | undefined,
) => void;

interface Known {
  /** Number of the value in the bucket; 0 if there is none. */
  readonly revision: number;
  readonly value: HealthValue | undefined;
}
const NOTHING: Known = { revision: 0, value: undefined };

interface Waiting {
  readonly change: EntryChange;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How often a write is repeated after another copy wrote first. */
const TRIES = 10;
const WRONG_LAST_SEQUENCE = 10071;

/**
 * The health of all servers: a bucket that every copy of this service watches and changes, and that the registries watch. A change
 * is written only if the entry has not changed meanwhile, so two copies never both take the connection that a budget
 * allows, and a restart continues from the stored state.
 *
 *   entry ──change──► written ──► shown            changes that wait for a write of the same server are written together
 *     ▲                  │ another copy was faster
 *     └────read again────┘
 */
export class HealthBook implements BucketListener {
  /** Names this copy. */
  readonly copyId = randomUUID();
  private readonly known = new Map<string, Known>();
  private readonly queues = new Map<string, Waiting[]>();
  private readonly stopped = new AbortController();
  private readComplete = false;

  private constructor(
    private readonly bus: Bus,
    private readonly bucket: KV,
    private readonly onShown: OnShown,
    private readonly onRead: () => void,
  ) {}

  /** Opens the bucket, and creates it if necessary. `onRead` is called each time that the bucket was read completely. */
  static async open(bus: Bus, onShown: OnShown, onRead: () => void, onTrouble: (why: string) => void): Promise<HealthBook> {
    const book = new HealthBook(bus, await makeBucket(bus, HEALTH_BUCKET), onShown, onRead);
    void watchBucket(bus, HEALTH_BUCKET, book, book.stopped.signal, onTrouble);
    return book;
  }

  stop(): void {
    this.stopped.abort();
  }

  /** Whether the bucket was read, so that what is not in this book does not exist. */
  get isRead(): boolean {
    return this.readComplete;
  }

  find(resourceId: string): HealthValue | undefined {
    return this.known.get(resourceId)?.value;
  }

  /** Ids of all servers that have a key, also of deleted ones whose key is not removed yet. */
  ids(): string[] {
    return [...this.known.keys()];
  }

  /** All values. */
  *values(): Generator<[string, HealthValue]> {
    for (const [id, { value }] of this.known) if (value) yield [id, value];
  }

  /** Changes an entry. @throws Error when it could not be written */
  change(resourceId: string, change: EntryChange): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.queues.get(resourceId);
      if (queue) return void queue.push({ change, resolve, reject });
      this.queues.set(resourceId, [{ change, resolve, reject }]);
      void this.writeAll(resourceId);
    });
  }

  /** Removes a key. Watchers see it as null first, so that they need not read everything again. */
  async forget(resourceId: string): Promise<void> {
    const key = healthKey(resourceId);
    const revision = await this.bucket.put(key, JSON.stringify(null));
    await forgetKey(this.bus, HEALTH_BUCKET, key, revision); // a watcher that missed the null sees a gap and reads everything again
    if (!this.find(resourceId)) this.known.delete(resourceId);
  }

  onValue(key: string, stored: unknown, change: boolean, sequence: number): void {
    const id = key.slice(healthKey('').length);
    if (!change || sequence > (this.known.get(id) ?? NOTHING).revision)
      this.known.set(id, { revision: sequence, value: readValue(stored) });
  }

  onComplete(keys: ReadonlySet<string>): void {
    for (const id of this.known.keys()) if (!keys.has(healthKey(id))) this.known.delete(id);
    this.readComplete = true;
    this.onRead();
  }

  private async writeAll(resourceId: string): Promise<void> {
    const queue = this.queues.get(resourceId) as Waiting[];
    while (queue.length > 0) {
      const batch = queue.splice(0);
      try {
        await this.write(resourceId, batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.queues.delete(resourceId);
  }

  private async write(resourceId: string, batch: readonly Waiting[]): Promise<void> {
    const key = healthKey(resourceId);
    for (let left = TRIES; ; left--) {
      const { revision, value } = this.known.get(resourceId) ?? NOTHING;
      const folded = batch.reduce((present, { change }) => {
        const entry = change(present);
        return entry ? { shown: showHealth(entry, Date.now()), entry } : present;
      }, value);
      if (!folded || folded === value) return;
      const fact = changeOf(resourceId, value?.shown, folded.shown, new Date());
      const pending = fact && { ...fact, heldBy: this.copyId };
      const changed = pending ? { ...folded, entry: { ...folded.entry, pending } } : folded;
      try {
        const written = await this.bucket.put(key, writeValue(changed), { previousSeq: revision });
        this.known.set(resourceId, { revision: written, value: changed });
        return this.onShown(resourceId, value?.shown, changed.shown, fact);
      } catch (error) {
        if ((error as { code?: unknown }).code !== WRONG_LAST_SEQUENCE || left === 0) throw error;
        const stored = await readKey(this.bus, HEALTH_BUCKET, key);
        this.known.set(resourceId, stored ? { revision: stored.sequence, value: readValue(stored.value) } : NOTHING);
      }
    }
  }
}
