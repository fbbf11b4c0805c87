import { expect, it } from 'vitest';
import { SharedReads } from './shared-reads.js';

/** A value that changes, and reads of it that take until they are released. */
function store() {
  const shared = new SharedReads<number>();
  const state = { value: 1, reads: 0, pending: [] as (() => void)[] };
  const read = (key: string) =>
    shared.read(key, async () => {
      state.reads++;
      const { value } = state;
      await new Promise<void>((resolve) => state.pending.push(resolve));
      return value;
    });
  const release = async () => {
    for (const finish of state.pending.splice(0)) finish();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { state, read, release };
}

it('reads twice for a thousand simultaneous requests, and returns nobody a value from before their request', async () => {
  const { state, read, release } = store();
  const first = read('one');
  state.value = 2; // after the first read has begun
  const others = Array.from({ length: 1000 }, () => read('one'));
  const another = read('another');
  await release();
  await release();
  expect(await first).toBe(1);
  expect(new Set(await Promise.all(others))).toEqual(new Set([2]));
  expect(await another).toBe(2);
  expect(state.reads).toBe(3);
});

it('continues after a read that failed', async () => {
  const shared = new SharedReads<string>();
  const failed = shared.read('key', () => Promise.reject(new Error('unreachable')));
  const next = shared.read('key', () => Promise.resolve('back'));
  await expect(failed).rejects.toThrow('unreachable');
  expect(await next).toBe('back');
  expect(await shared.read('key', () => Promise.resolve('later'))).toBe('later');
});
