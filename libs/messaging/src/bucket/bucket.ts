import type { CompletionResult, StoredMsg } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { bucketChanges, bucketStream, bucketSubject } from '@sluice/contracts';
import { parseJson } from '@sluice/domain';
import type { Bus } from '../bus/bus.js';

const PAGE = 500;
const NOTHING_FOUND = 404;

/** A value of a bucket. `sequence` is its number in the bucket's stream, which only increases. */
export interface BucketEntry {
  readonly key: string;
  readonly sequence: number;
  /** When the server stored it, milliseconds since 1970, by the server's clock. */
  readonly storedAt: number;
  /** Undefined if it is not JSON, or was deleted. */
  readonly value: unknown;
}

/** Creates a bucket if it does not exist. It keeps one value per key, and publishes every change to subscribers once it is stored. */
export async function makeBucket(bus: Bus, bucket: string): Promise<KV> {
  const republish = { src: bucketSubject(bucket, '>'), dest: bucketChanges(bucket) };
  const kv = await bus.buckets.create(bucket, { history: 1, max_bytes: -1, republish, replicas: bus.replicas });
  const { config } = await bus.manager.streams.info(bucketStream(bucket));
  if (config.republish?.dest !== republish.dest) await bus.manager.streams.update(bucketStream(bucket), { republish });
  await bus.replicate(bucketStream(bucket), config.num_replicas);
  return kv;
}

/** Names of all buckets. */
export async function listBuckets(bus: Bus): Promise<string[]> {
  const names: string[] = [];
  for await (const name of bus.manager.streams.names())
    if (name.startsWith(bucketStream(''))) names.push(name.slice(bucketStream('').length));
  return names;
}

/** Deletes a bucket with its content. */
export async function removeBucket(bus: Bus, bucket: string): Promise<void> {
  await bus.manager.streams.delete(bucketStream(bucket));
}

/**
 * Purges the value of a key: watchers are not notified, and readers of the whole bucket no longer find it. With `through`, a
 * number in the bucket's stream, a value that was written later remains.
 */
export async function forgetKey(bus: Bus, bucket: string, key: string, through?: number): Promise<void> {
  const filter = bucketSubject(bucket, key);
  await bus.manager.streams.purge(bucketStream(bucket), through === undefined ? { filter } : { filter, seq: through + 1 });
}

/** Reads all values of a bucket in order. @throws Error if there is no such bucket, or it may not be read */
export async function* readBucket(bus: Bus, bucket: string): AsyncGenerator<BucketEntry> {
  for (let from = 1; ;) {
    const page = await readPage(bus, bucket, { seq: from, batch: PAGE, next_by_subj: bucketSubject(bucket, '>') });
    yield* page.flatMap((message) => entryOf(bucket, message.header, message.data) ?? []);
    const last = page.at(-1);
    if (!last || last.pending === 0) return;
    from = last.seq + 1;
  }
}

/** Reads the value of a key; undefined if it has none. @throws Error if there is no such bucket, or it may not be read */
export async function readKey(bus: Bus, bucket: string, key: string): Promise<BucketEntry | undefined> {
  const [message] = await readPage(bus, bucket, { seq: 1, batch: 1, next_by_subj: bucketSubject(bucket, key) });
  return message && entryOf(bucket, message.header, message.data);
}

/** Uses a callback, because with an iterator the library would keep the subscription of a page indefinitely. */
function readPage(bus: Bus, bucket: string, query: { seq: number; batch: number; next_by_subj: string }): Promise<StoredMsg[]> {
  return new Promise((resolve, reject) => {
    const page: StoredMsg[] = [];
    const callback = (done: CompletionResult | null, message: StoredMsg) => {
      if (!done) return void page.push(message);
      if (!done.err || (done.err as { code?: unknown }).code === NOTHING_FOUND) resolve(page);
      else reject(done.err);
    };
    bus.manager.direct.getBatch(bucketStream(bucket), { ...query, callback }).catch(reject);
  });
}

/**
 * A message of a bucket, as the server sends it on request or republishes it. The server's headers name the bucket and the key
 * under which it was stored, so a message that somebody else had delivered to this subject cannot pretend to be of another key.
 */
export function entryOf(
  bucket: string,
  head: { get(name: string): string } | undefined,
  data: Uint8Array,
): BucketEntry | undefined {
  const prefix = bucketSubject(bucket, '');
  const subject = head?.get('Nats-Subject') ?? '';
  const sequence = Number(head?.get('Nats-Sequence'));
  const storedAt = Date.parse(head?.get('Nats-Time-Stamp') ?? '');
  if (!subject.startsWith(prefix) || !Number.isSafeInteger(sequence) || Number.isNaN(storedAt)) return undefined;
  return { key: subject.slice(prefix.length), sequence, storedAt, value: parseJson(new TextDecoder().decode(data)) };
}
