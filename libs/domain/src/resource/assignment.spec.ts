import { expect, it } from 'vitest';
import { assignBindAddress, assignPortOverride } from './bind-address.js';
import { type AddressBlock, parseBlock } from './ip.js';
import { nextProbeIn, noteResult, UNKNOWN_HEALTH } from './node-health.js';

const range = (text: string) => parseBlock(text) as AddressBlock;
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

it('assigns the only address of a range of one, and the lowest unused of a wider one', () => {
  expect(assignBindAddress(range('127.0.0.1'), '127.0.0.1', new Set(['127.0.0.1']))).toEqual({ ok: true, value: '127.0.0.1' });
  expect(assignBindAddress(range('127.0.1.0/30'), '', new Set(['127.0.1.0', '127.0.1.1']))).toEqual({
    ok: true,
    value: '127.0.1.2',
  });
  expect(assignBindAddress(range('127.0.1.0/31'), '127.0.1.0/31', new Set(['127.0.1.0', '127.0.1.1']))).toMatchObject({
    refusal: { code: 'bind_address_none_left', value: '127.0.1.0/31' },
  });
});

it('assigns ports from 10000, then below, then those that operating systems hand out', () => {
  const next = (used: number[]) => assignPortOverride('127.0.0.1', new Set(used));
  expect(next([])).toEqual({ ok: true, value: 10000 });
  expect(next(numbers(10000, 32767))).toEqual({ ok: true, value: 1024 });
  expect(next([...numbers(10000, 32767), ...numbers(1024, 9999)])).toEqual({ ok: true, value: 32768 });
  expect(next(numbers(1024, 64999))).toMatchObject({ refusal: { code: 'port_override_none_left' } });
});

it('turns a healthy node unhealthy with the second failure in a row, and asks ever more seldom', () => {
  const healthy = noteResult(UNKNOWN_HEALTH, undefined, 1);
  const once = noteResult(healthy, 'connect refused', 2);
  const twice = noteResult(once, 'connect refused', 3);
  expect([UNKNOWN_HEALTH.state, healthy.state, once.state, twice.state, noteResult(twice, undefined, 4).state]).toEqual([
    'unknown',
    'healthy',
    'healthy',
    'unhealthy',
    'healthy',
  ]);
  expect(noteResult(UNKNOWN_HEALTH, 'x', 1).state).toBe('unhealthy');
  const waits = [once, twice, noteResult(twice, 'x', 4)].map((health) => nextProbeIn(health, 60_000, 0.5));
  expect(waits).toEqual([3000, 6000, 12_000]);
  expect(nextProbeIn({ ...twice, failuresInARow: 50 }, 60_000, 0.5)).toBe(60_000);
});
