import { bucketChanges } from '@sluice/contracts';
import { type BucketEntry, entryOf, readBucket } from './bucket.js';
import type { Bus } from './bus.js';

/** What a watcher hears. */
export interface BucketListener {
  /** A value, in the order of the bucket. `change`: it was written after the watch had begun, this time. */
  onValue(key: string, value: unknown, change: boolean): void;
  /** Every value that was there when the watch began has been heard. Again after each new beginning: what is not among `keys` is gone. */
  onComplete(keys: ReadonlySet<string>): void;
}

const RETRY_MS = 200;

/**
 * Watches all keys of a bucket, indefinitely: begins again (all values, then `onComplete`) after the connection was lost, a
 * change was missed, or the bucket did not exist yet. Ends with the signal.
 *
 *   hear changes ──► read all that stands there ──► onComplete ──► changes, numbered without a gap
 */
export async function watchBucket(
  bus: Bus,
  bucket: string,
  listener: BucketListener,
  signal: AbortSignal,
  onTrouble: (why: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await watchOnce(bus, bucket, listener, signal);
    } catch (error) {
      if (!signal.aborted) onTrouble(`the watch of bucket ${bucket} begins again: ${(error as Error).message}`);
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Resolves when the watch is to begin again, or is over. @throws Error that says why it could not go on */
async function watchOnce(bus: Bus, bucket: string, listener: BucketListener, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  let failure: Error | undefined;
  /** The last value heard, once all was read; what is heard before that waits. */
  let last: Pick<BucketEntry, 'sequence' | 'storedAt'> | undefined;
  const early: BucketEntry[] = [];
  const hear = (entry: BucketEntry) => {
    if (last === undefined) return void early.push(entry);
    if (over.signal.aborted) return;
    if (entry.sequence <= last.sequence && entry.storedAt <= last.storedAt) return; // it was read already
    if (entry.sequence !== last.sequence + 1) return end(); // a change was missed, or this is another bucket of the same name
    last = entry;
    listener.onValue(entry.key, entry.value, true);
  };
  const changes = bus.connection.subscribe(bucketChanges(bucket), {
    callback: (error, message) => {
      if (error) {
        failure = error;
        return end();
      }
      const entry = entryOf(bucket, message.headers, message.data);
      if (entry) hear(entry);
    },
  });
  const offChange = bus.onChange((up) => up && end()); // what was told meanwhile was not heard
  signal.addEventListener('abort', end, { once: true });
  try {
    let read: Pick<BucketEntry, 'sequence' | 'storedAt'> = { sequence: 0, storedAt: 0 };
    const keys = new Set<string>();
    for await (const entry of readBucket(bus, bucket)) {
      if (over.signal.aborted) break;
      read = entry;
      keys.add(entry.key);
      listener.onValue(entry.key, entry.value, false);
    }
    if (!over.signal.aborted) {
      last = read;
      listener.onComplete(keys);
      for (const entry of early) hear(entry);
    }
    if (!over.signal.aborted) await new Promise((resolve) => over.signal.addEventListener('abort', resolve, { once: true }));
    if (failure) throw failure;
  } finally {
    changes.unsubscribe();
    offChange();
    signal.removeEventListener('abort', end);
  }
}
