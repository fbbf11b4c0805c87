import { expect, it } from 'vitest';
import { SharedReads } from './shared-reads.js';

/** Something that changes, and reads of it that take until they are let go. */
function store() {
  const shared = new SharedReads<number>();
  const state = { value: 1, reads: 0, going: [] as (() => void)[] };
  const read = (key: string) =>
    shared.read(key, async () => {
      state.reads++;
      const { value } = state;
      await new Promise<void>((resolve) => state.going.push(resolve));
      return value;
    });
  const letGo = async () => {
    for (const go of state.going.splice(0)) go();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { state, read, letGo };
}

it('reads twice for a thousand that ask at once, and gives nobody an answer from before they asked', async () => {
  const { state, read, letGo } = store();
  const first = read('one');
  state.value = 2; // after the first has begun to read
  const others = Array.from({ length: 1000 }, () => read('one'));
  const another = read('another');
  await letGo();
  await letGo();
  expect(await first).toBe(1);
  expect(new Set(await Promise.all(others))).toEqual(new Set([2]));
  expect(await another).toBe(2);
  expect(state.reads).toBe(3);
});

it('goes on after a read that failed', async () => {
  const shared = new SharedReads<string>();
  const failed = shared.read('key', () => Promise.reject(new Error('away')));
  const next = shared.read('key', () => Promise.resolve('back'));
  await expect(failed).rejects.toThrow('away');
  expect(await next).toBe('back');
  expect(await shared.read('key', () => Promise.resolve('later'))).toBe('later');
});
