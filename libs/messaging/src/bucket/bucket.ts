import type { CompletionResult, StoredMsg } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { bucketChanges, bucketStream, bucketSubject } from '@sluice/contracts';
import { parseJson } from '@sluice/domain';
import type { Bus } from '../bus/bus.js';

const PAGE = 500;
const NOTHING_FOUND = 404;

/** A value of a bucket; `sequence` is its number in the bucket's stream, and only rises. */
export interface BucketEntry {
  readonly key: string;
  readonly sequence: number;
  /** When the server stored it, milliseconds since 1970, by the server's clock. */
  readonly storedAt: number;
  /** Undefined when it is not JSON, or was taken away. */
  readonly value: unknown;
}

/** Creates a bucket if it does not exist. It keeps one value per key, and publishes every change to subscribers once it is stored. */
export async function makeBucket(bus: Bus, bucket: string): Promise<KV> {
  const republish = { src: bucketSubject(bucket, '>'), dest: bucketChanges(bucket) };
  const kv = await bus.buckets.create(bucket, { history: 1, max_bytes: -1, republish });
  const { config } = await bus.manager.streams.info(bucketStream(bucket));
  if (config.republish?.dest !== republish.dest) await bus.manager.streams.update(bucketStream(bucket), { republish });
  return kv;
}

/** Names of all buckets. */
export async function listBuckets(bus: Bus): Promise<string[]> {
  const names: string[] = [];
  for await (const name of bus.manager.streams.names())
    if (name.startsWith(bucketStream(''))) names.push(name.slice(bucketStream('').length));
  return names;
}

/** Takes a bucket away, with all that stands there. */
export async function removeBucket(bus: Bus, bucket: string): Promise<void> {
  await bus.manager.streams.delete(bucketStream(bucket));
}

/**
 * Takes away whatever stands under a key, silently: watchers are not notified, and a reader of the whole bucket does not find it.
 * With `through`, a number in the bucket's stream, what was written after that stays.
 */
export async function forgetKey(bus: Bus, bucket: string, key: string, through?: number): Promise<void> {
  const filter = bucketSubject(bucket, key);
  await bus.manager.streams.purge(bucketStream(bucket), through === undefined ? { filter } : { filter, seq: through + 1 });
}

/** Reads all that stands in a bucket, in its order. @throws Error where there is no such bucket, or it may not be read */
export async function* readBucket(bus: Bus, bucket: string): AsyncGenerator<BucketEntry> {
  for (let from = 1; ;) {
    const page = await readPage(bus, bucket, { seq: from, batch: PAGE, next_by_subj: bucketSubject(bucket, '>') });
    yield* page.flatMap((message) => entryOf(bucket, message.header, message.data) ?? []);
    const last = page.at(-1);
    if (!last || last.pending === 0) return;
    from = last.seq + 1;
  }
}

/** Reads what stands under a key; undefined if nothing does. @throws Error where there is no such bucket, or it may not be read */
export async function readKey(bus: Bus, bucket: string, key: string): Promise<BucketEntry | undefined> {
  const [message] = await readPage(bus, bucket, { seq: 1, batch: 1, next_by_subj: bucketSubject(bucket, key) });
  return message && entryOf(bucket, message.header, message.data);
}

/** By callback: as an iterator the library would keep the page's subscription indefinitely. */
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
 * What the server sends of a message of a bucket, on request or by republishing. The key is the one under which it was stored: a message
 * that somebody had delivered to this subject is of another bucket, or says truly which key it is of.
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
