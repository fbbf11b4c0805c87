import { domainToASCII } from 'node:url';
import { expect, it } from 'vitest';
import { parseDnsName, parseDnsZones, parseLoopbackRange, parseVirtualSubnet } from './network-settings.js';

const result = (outcome: { ok: boolean; value?: unknown; refusal?: { code: string } }) =>
  outcome.ok ? outcome.value : outcome.refusal?.code;

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['127.5.6.7/8', '127.0.0.0/8'],
  ['127.0.0.0/7', 'loopback_range_invalid'],
  ['10.0.0.0/8', 'loopback_range_invalid'],
  ['::1', 'loopback_range_invalid'],
  ['localhost', 'loopback_range_invalid'],
])('accepts %s as a loopback range: %s', (text, expected) => expect(result(parseLoopbackRange(text))).toBe(expected));

it.each([
  ['100.64.0.0/10', '100.64.0.0/10'],
  ['10.9.8.7/24', '10.9.8.0/24'],
  ['192.168.0.0/31', 'virtual_subnet_invalid'],
  ['172.16.0.1', 'virtual_subnet_invalid'],
  ['8.8.8.0/24', 'virtual_subnet_invalid'],
  ['100.0.0.0/8', 'virtual_subnet_invalid'],
  ['fd00::/8', 'virtual_subnet_invalid'],
])('accepts %s as a virtual subnet: %s', (text, expected) => expect(result(parseVirtualSubnet(text))).toBe(expected));

it('keeps each DNS zone once, as ASCII', () => {
  expect(result(parseDnsZones(['Corp.Example.', 'corp.example', 'bücher.example'], domainToASCII))).toEqual([
    'corp.example',
    'xn--bcher-kva.example',
  ]);
  expect(result(parseDnsZones(['10.0.0.1'], domainToASCII))).toBe('dns_zone_invalid');
});

it.each([
  ['db.corp.example', 'db.corp.example'],
  ['CORP.example', 'corp.example'],
  ['db.internal', 'db.internal'],
  ['xcorp.example', 'dns_outside_zones'],
  ['google.com', 'dns_outside_zones'],
  ['10.0.0.1', 'dns_invalid'],
  ['a b', 'dns_invalid'],
])('accepts %s as the DNS name of a resource at db.internal: %s', (text, expected) =>
  expect(result(parseDnsName(text, 'db.internal', ['corp.example'], domainToASCII))).toBe(expected),
);
