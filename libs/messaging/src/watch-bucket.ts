import type { KvEntry, KvWatchEntry } from '@nats-io/kv';
import type { Bus } from './bus.js';

/** What a watcher hears. */
export interface BucketListener {
  /** A value, in the order of the bucket. */
  onValue(key: string, value: unknown): void;
  /** Every value that was there when the watch began has been heard. Again after each new beginning. */
  onComplete(): void;
}

const RETRY_MS = 200;

/**
 * Watches all keys of a bucket, for ever: begins again (all values, then `onComplete`) after the connection was lost,
 * the watch broke, or the bucket did not exist yet. Ends with the signal.
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

async function watchOnce(bus: Bus, bucket: string, listener: BucketListener, signal: AbortSignal): Promise<void> {
  const kv = await bus.buckets.open(bucket);
  const status = await kv.status();
  const iterator = await kv.watch();
  const stop = () => iterator.stop();
  const offChange = bus.onChange((up) => up && stop()); // a server that came back has forgotten our consumer
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (status.values === 0) listener.onComplete();
    let complete = status.values === 0;
    for await (const entry of iterator as AsyncIterable<KvWatchEntry>) {
      if (entry.operation === 'PUT') listener.onValue(entry.key, parse(entry));
      if (!complete && entry.isUpdate) {
        complete = true;
        listener.onComplete();
      }
    }
  } finally {
    offChange();
    signal.removeEventListener('abort', stop);
  }
}

function parse(entry: KvEntry): unknown {
  try {
    return entry.json();
  } catch {
    return undefined;
  }
}
