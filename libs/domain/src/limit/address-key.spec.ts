import { expect, it } from 'vitest';
import { addressKey } from './address-key.js';

it('counts an IPv4 address by itself, and an IPv6 address by its /64', () => {
  expect(addressKey('192.0.2.7')).toBe('192.0.2.7');
  expect(addressKey('::ffff:192.0.2.7')).toBe('192.0.2.7');
  expect(addressKey('2001:db8:1:2::7')).toBe(addressKey('2001:db8:1:2:ffff:ffff:ffff:ffff'));
  expect(addressKey('2001:db8:1:2::7')).not.toBe(addressKey('2001:db8:1:3::7'));
  expect(addressKey('fe80::1%eth0')).toBe(addressKey('fe80::2%eth1'));
});

it('has one key for everything that is not an address', () => {
  expect(new Set([undefined, '', 'x', '1.2.3', '192.0.2.7, 10.0.0.1', '::1::'].map(addressKey))).toEqual(new Set(['unknown']));
});
