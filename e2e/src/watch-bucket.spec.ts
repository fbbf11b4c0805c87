import { headers } from '@nats-io/transport-node';
import { type Bus, makeBucket, watchBucket } from '@sluice/messaging';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PrivateNats } from './private-nats.js';

let nats: PrivateNats;
let bus: Bus;

beforeAll(async () => {
  nats = await PrivateNats.start();
  bus = await nats.join();
});
afterAll(async () => {
  await bus.close();
  await nats.stop();
});

/** Watches a bucket. `rounds` is how often it was read completely; `changes` are the keys that were received as changes. */
function watch(bucket: string) {
  const seen = { values: new Map<string, unknown>(), rounds: 0, changes: [] as string[], trouble: [] as string[] };
  const stop = new AbortController();
  const listener = {
    onValue: (key: string, value: unknown, change: boolean) => {
      seen.values.set(key, value);
      if (change) seen.changes.push(key);
    },
    onComplete: () => void seen.rounds++,
  };
  const over = watchBucket(bus, bucket, listener, stop.signal, (why) => seen.trouble.push(why));
  return Object.assign(seen, {
    stop: () => {
      stop.abort();
      return over;
    },
    round: (number: number) => expect.poll(() => seen.rounds, { timeout: 10_000 }).toBe(number),
  });
}

/** Publishes on the bucket's subject what the server would publish for a change after others that were not received. */
function publishLater(bucket: string, key: string): void {
  const head = headers();
  const said = {
    Stream: `KV_${bucket}`,
    Subject: `$KV.${bucket}.${key}`,
    Sequence: '1000',
    'Time-Stamp': new Date().toISOString(),
  };
  for (const [name, value] of Object.entries(said)) head.set(`Nats-${name}`, value);
  bus.connection.publish(`bucket.v1.${bucket}.${key}`, '"never stored"', { headers: head });
}

describe('a watched bucket', () => {
  it('is received completely, however much it holds, and then by its changes', async () => {
    const kv = await makeBucket(bus, 'large');
    for (let i = 0; i < 1201; i++) await kv.put(`key.${i % 1101}`, JSON.stringify(i));
    const watched = watch('large');
    await watched.round(1);
    expect(watched.values.size).toBe(1101);
    expect([watched.values.get('key.0'), watched.values.get('key.100')]).toEqual([1101, 100]);
    expect(watched.changes).toEqual([]);
    await kv.put('key.7', '"changed"');
    await expect.poll(() => watched.values.get('key.7')).toBe('changed');
    expect(watched.changes).toEqual(['key.7']);
    await watched.stop();
  });

  it('loses nothing that is written while it is read', async () => {
    const kv = await makeBucket(bus, 'busy');
    for (let i = 0; i < 1000; i++) await kv.put(`key.${i}`, '0');
    const watched = watch('busy');
    for (let i = 0; i < 1000; i++) await kv.put(`key.${(i * 7) % 1000}`, '1');
    await expect.poll(() => [...watched.values.values()].filter((value) => value === 1).length, { timeout: 10_000 }).toBe(1000);
    expect(watched.rounds).toBe(1);
    await watched.stop();
  });

  it('is received once it is created, and again when it is replaced by one of the same name', async () => {
    const watched = watch('late');
    await expect.poll(() => watched.trouble.length, { timeout: 10_000 }).toBeGreaterThan(0);
    const kv = await makeBucket(bus, 'late');
    await watched.round(1);
    for (const key of ['a', 'b', 'c']) await kv.put(key, '1');
    await expect.poll(() => watched.values.size).toBe(3);
    await kv.destroy();
    const other = await makeBucket(bus, 'late');
    await other.put('d', '1');
    await watched.round(2);
    expect(watched.values.get('d')).toBe(1);
    await watched.stop();
  });

  it('is read again when a change was missed', async () => {
    const kv = await makeBucket(bus, 'gap');
    await kv.put('a', '1');
    const watched = watch('gap');
    await watched.round(1);
    publishLater('gap', 'b');
    await watched.round(2);
    expect(watched.values.get('b')).toBeUndefined();
    await watched.stop();
  });

  it('is read again when the connection was lost', async () => {
    const kv = await makeBucket(bus, 'lost');
    await kv.put('a', '1');
    const watched = watch('lost');
    await watched.round(1);
    await bus.connection.reconnect();
    await watched.round(2);
    await kv.put('a', '2');
    await expect.poll(() => watched.values.get('a')).toBe(2);
    await watched.stop();
  });

  it('accepts nothing that the server was made to publish on its subject: neither of another bucket nor under another key', async () => {
    const [kv, other] = [await makeBucket(bus, 'mine'), await makeBucket(bus, 'theirs')];
    await kv.put('role.mine', '"mine"');
    await other.put('role.theirs', '"theirs"');
    const watched = watch('mine');
    await watched.round(1);
    let reached = 0;
    bus.connection.subscribe('bucket.v1.mine.role.forged', { callback: () => void reached++ });
    const read = (bucket: string) =>
      bus.connection.publish(`$JS.API.DIRECT.GET.KV_${bucket}`, JSON.stringify({ seq: 1 }), {
        reply: 'bucket.v1.mine.role.forged',
      });
    read('theirs');
    read('mine');
    await expect.poll(() => reached).toBe(2);
    await kv.put('role.after', '"after"');
    await expect.poll(() => watched.values.get('role.after')).toBe('after');
    expect([...watched.values.keys()].sort()).toEqual(['role.after', 'role.mine']);
    expect(watched.rounds).toBe(1);
    await watched.stop();
  });
});
