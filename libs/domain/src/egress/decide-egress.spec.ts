import { expect, it } from 'vitest';
import { type AddressBlock, parseBlock } from '../resource/ip.js';
import { decideEgress } from './decide-egress.js';

const blocks = (...texts: string[]) => texts.map((text) => parseBlock(text) as AddressBlock);
const may = (address: string, allow: string[] = [], deny: string[] = []) =>
  decideEgress({ allow: blocks(...allow), deny: blocks(...deny) }, address).allowed;

it('never dials link-local, multicast and unspecified addresses, whatever is allowed', () => {
  for (const address of [
    '169.254.169.254',
    '224.0.0.1',
    '0.0.0.0',
    '255.255.255.255',
    'fe80::1',
    'ff02::1',
    '::',
    '::ffff:169.254.1.1',
  ]) {
    expect([address, may(address, ['0.0.0.0/0', '::/0'])]).toEqual([address, false]);
  }
});
it('refuses what it cannot read, the virtual subnet, and IPv6 forms that carry an IPv4 address', () => {
  for (const address of [
    '::1%lo',
    'fe80::1%eth0',
    '127.1',
    '0x7f.0.0.1',
    '',
    'localhost',
    '100.64.0.1',
    '100.127.255.255',
    '240.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    '::127.0.0.1',
    '::7f00:1',
    '::ffff:100.64.0.1',
  ]) {
    expect([address, may(address, ['0.0.0.0/0', '::/0'])]).toEqual([address, false]);
  }
  expect([may('::1', ['::1']), may('2001:db8::1'), may('100.128.0.1')]).toEqual([true, true, true]);
});
it('dials its own loopback only where that is allowed', () => {
  expect([may('127.0.0.1'), may('::1'), may('127.0.0.1', ['127.0.0.0/8']), may('::ffff:127.0.0.1')]).toEqual([
    false,
    false,
    true,
    false,
  ]);
});
it('lets deny go before allow, and an empty allow mean everything', () => {
  expect([
    may('10.0.0.1'),
    may('10.0.0.1', ['10.0.0.0/8']),
    may('10.0.0.1', ['10.0.0.0/8'], ['10.0.0.1']),
    may('11.0.0.1', ['10.0.0.0/8']),
  ]).toEqual([true, true, false, false]);
});
