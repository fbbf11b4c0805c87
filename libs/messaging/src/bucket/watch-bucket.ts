import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { bucketChanges } from '@sluice/contracts';
import { BackOff } from '@sluice/domain';
import type { Bus } from '../bus/bus.js';
import { type BucketEntry, entryOf, readBucket } from './bucket.js';

/** Receives the content of a watched bucket, and its changes. */
export interface BucketListener {
  /** A value, in the order of the bucket, with its number there. `change` means that it was written after this round of the watch began. */
  onValue(key: string, value: unknown, change: boolean, sequence: number): void;
  /** Every value that the bucket had when the round began has been passed to `onValue`; keys that are not in `keys` no longer exist. */
  onComplete(keys: ReadonlySet<string>): void;
}

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 2000;

/**
 * Watches all keys of a bucket until the signal aborts. A new round begins (all values, then `onComplete`) after the connection
 * was lost, a change was missed, or the bucket could not be read, perhaps because it does not exist yet.
 *
 *   subscribe to changes ──► read what the bucket holds ──► onComplete ──► changes, numbered without a gap
 */
export async function watchBucket(
  bus: Bus,
  bucket: string,
  listener: BucketListener,
  signal: AbortSignal,
  onTrouble: (why: string) => void,
): Promise<void> {
  const backOff = new BackOff(FIRST_RETRY_MS, LAST_RETRY_MS);
  const resetting: BucketListener = {
    onValue: (...value) => listener.onValue(...value),
    onComplete: (keys) => {
      backOff.reset();
      listener.onComplete(keys);
    },
  };
  while (!signal.aborted) {
    try {
      await watchOnce(bus, bucket, resetting, signal);
    } catch (error) {
      if (!signal.aborted) onTrouble(`the watch of bucket ${bucket} starts again: ${(error as Error).message}`);
    }
    if (!signal.aborted) await waitOrReconnect(bus, backOff.next(), signal);
  }
}

/** Waits, but no longer than until the connection is restored, because the bucket can then be read. */
async function waitOrReconnect(bus: Bus, ms: number, signal: AbortSignal): Promise<void> {
  const reconnected = new AbortController();
  const removeListener = bus.onChange((up) => up && reconnected.abort());
  await sleep(ms, undefined, { signal: AbortSignal.any([signal, reconnected.signal]) }).catch(() => undefined);
  removeListener();
}

/** One round. Resolves when another one must begin, or the signal has aborted. @throws Error with the reason why the round failed */
async function watchOnce(bus: Bus, bucket: string, listener: BucketListener, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  let failure: Error | undefined;
  /** The last value that was received, once the bucket has been read; changes that arrive before then are kept in `early`. */
  let last: Pick<BucketEntry, 'sequence' | 'storedAt'> | undefined;
  const early: BucketEntry[] = [];
  const receive = (entry: BucketEntry) => {
    if (last === undefined) return void early.push(entry);
    if (over.signal.aborted) return;
    if (entry.sequence <= last.sequence && entry.storedAt <= last.storedAt) return; // it was read already
    if (entry.sequence !== last.sequence + 1) return end(); // a change was missed, or this is another bucket of the same name
    last = entry;
    listener.onValue(entry.key, entry.value, true, entry.sequence);
  };
  const changes = bus.connection.subscribe(bucketChanges(bucket), {
    callback: (error, message) => {
      if (error) {
        failure = error;
        return end();
      }
      const entry = entryOf(bucket, message.headers, message.data);
      if (entry) receive(entry);
    },
  });
  const removeListener = bus.onChange((up) => up && end()); // changes that were published during the outage were missed
  signal.addEventListener('abort', end, { once: true });
  try {
    let read: Pick<BucketEntry, 'sequence' | 'storedAt'> = { sequence: 0, storedAt: 0 };
    const keys = new Set<string>();
    for await (const entry of readBucket(bus, bucket)) {
      if (over.signal.aborted) break;
      read = entry;
      keys.add(entry.key);
      listener.onValue(entry.key, entry.value, false, entry.sequence);
    }
    if (!over.signal.aborted) {
      last = read;
      listener.onComplete(keys);
      for (const entry of early) receive(entry);
    }
    if (!over.signal.aborted) await once(over.signal, 'abort');
    if (failure) throw failure;
  } finally {
    changes.unsubscribe();
    removeListener();
    signal.removeEventListener('abort', end);
  }
}
