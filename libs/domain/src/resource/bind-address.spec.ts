import { expect, it } from 'vitest';
import { DEFAULT_NETWORK } from '../settings/network-settings.js';
import { assignBindAddress, assignPortOverride, parseBindAddress, rangeOf } from './bind-address.js';

const range = (loopbackRange: string) => rangeOf('loopback', { ...DEFAULT_NETWORK, loopbackRange });
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

it('assigns the only address of a range of one, and the lowest unused address of a larger one', () => {
  expect(assignBindAddress(range('127.0.0.1'), new Set(['127.0.0.1']))).toEqual({ ok: true, value: '127.0.0.1' });
  expect(assignBindAddress(range('127.0.1.0/29'), new Set(['127.0.1.1']))).toEqual({ ok: true, value: '127.0.1.2' });
  expect(assignBindAddress(range('127.0.1.0/30'), new Set(['127.0.1.1', '127.0.1.2']))).toMatchObject({
    refusal: { code: 'bind_address_none_left', value: '127.0.1.0/30' },
  });
});

it('skips the address of a network and its broadcast address', () => {
  const virtual = rangeOf('virtual-network', { ...DEFAULT_NETWORK, virtualSubnet: '100.64.0.0/29' });
  expect(assignBindAddress(virtual, new Set())).toEqual({ ok: true, value: '100.64.0.1' });
  for (const address of ['100.64.0.0', '100.64.0.7', '100.64.0.8', '127.0.0.1'])
    expect(parseBindAddress(address, virtual)).toMatchObject({ refusal: { code: 'bind_address_outside_range', value: address } });
  expect(parseBindAddress('100.64.0.6', virtual).ok).toBe(true);
});

it('assigns ports from 10000 upwards, then lower ones, then those that operating systems use for outgoing connections', () => {
  const next = (used: number[]) => assignPortOverride('127.0.0.1', new Set(used));
  expect(next([])).toEqual({ ok: true, value: 10000 });
  expect(next(numbers(10000, 32767))).toEqual({ ok: true, value: 1024 });
  expect(next([...numbers(10000, 32767), ...numbers(1024, 9999)])).toEqual({ ok: true, value: 32768 });
  expect(next(numbers(1024, 64999))).toMatchObject({ refusal: { code: 'port_override_none_left' } });
});
