import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NearGateways } from './near-gateways.js';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const firsts = (near: NearGateways) => new Set(Array.from({ length: 100 }, () => near.addresses[0]));

it('puts the nearest first, in random order where they are equally near, and unresponsive ones last', async () => {
  const ms: Record<string, number | undefined> = { a: 80, b: 20, c: 22, d: undefined };
  const near = new NearGateways((address) => Promise.resolve(ms[address]));
  near.follow(Object.keys(ms));
  expect([...near.addresses].sort()).toEqual(['a', 'b', 'c', 'd']);
  await nextTurn();
  expect(firsts(near)).toEqual(new Set(['b', 'c']));
  expect(near.addresses.slice(2)).toEqual(['a', 'd']);
});

it('tries a gateway that failed last, until it has been measured again', async () => {
  const near = new NearGateways((address) => Promise.resolve(address === 'near' ? 1 : 50));
  near.follow(['near', 'far']);
  await nextTurn();
  near.failed('near');
  expect(near.addresses).toEqual(['far', 'near']);
  near.follow(['near', 'far']);
  await nextTurn();
  expect(near.addresses).toEqual(['far', 'near']);
  vi.advanceTimersByTime(31_000);
  near.follow(['near', 'far']);
  await nextTurn();
  expect(near.addresses).toEqual(['near', 'far']);
  near.follow(['far']);
  expect(near.addresses).toEqual(['far']);
});
