import { afterEach, expect, it, vi } from 'vitest';
import { RecentlyProven } from './recently-proven.js';

afterEach(() => vi.useRealTimers());
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

it('does not let an owner with many names displace the names of others', () => {
  const known = new RecentlyProven();
  for (const i of range(1000)) known.add(`of person ${i}`, `person ${i}`);
  for (const i of range(100_000)) known.add(`2001:db8:${i}::/64`, 'traveller');
  expect(range(1000).every((i) => known.has(`of person ${i}`))).toBe(true);
  expect(range(100_000).filter((i) => known.has(`2001:db8:${i}::/64`))).toEqual(range(100_000).slice(-64));
});

it('keeps a name that another owner shares when one of them has too many, and a name that was proven again recently', () => {
  const known = new RecentlyProven();
  known.add('office', 'person');
  for (const name of ['office', 'home', ...range(62).map(String), 'home', 'inn', 'tent']) known.add(name, 'traveller');
  expect(['office', 'home', '0', '1', 'tent'].map((name) => known.has(name))).toEqual([true, true, false, true, true]);
});

it('forgets the oldest proofs beyond ten thousand, and every proof after a day', () => {
  vi.useFakeTimers();
  const known = new RecentlyProven();
  for (const i of range(10_001)) known.add(`place ${i}`, `person ${i}`);
  expect(['place 0', 'place 1', 'place 10000'].map((name) => known.has(name))).toEqual([false, true, true]);
  vi.advanceTimersByTime(24 * 3600_000 - 1);
  known.add('later', 'person');
  expect(known.has('place 10000')).toBe(true);
  vi.advanceTimersByTime(1);
  expect(['place 2', 'place 10000', 'later'].map((name) => known.has(name))).toEqual([false, false, true]);
});
