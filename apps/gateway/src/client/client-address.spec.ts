import { type AddressBlock, parseBlock } from '@sluice/domain';
import { createLog } from '@sluice/process';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ClientAddress, parseForwarded } from './client-address.js';

const PROXIES = ['10.0.0.0/8', 'fd00::/8'].map((text) => parseBlock(text) as AddressBlock);

let lines: Record<string, unknown>[];
let clients: ClientAddress;
beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  const log = createLog('gateway');
  log.info = ((fields: Record<string, unknown>) => void lines.push(fields)) as typeof log.info;
  clients = new ClientAddress(PROXIES, log);
});
afterEach(() => void vi.useRealTimers());

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:567', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[::1]:80', '::1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
])('reads %s, as proxies write it', (text, address) => {
  expect(parseForwarded(text)).toBe(address);
  expect(clients.of('10.0.0.1', text)).toBe(address);
});

it.each([
  'unknown',
  '_hidden',
  '192.0.2.1:',
  '192.0.2.1:123456',
  '192.0.2',
  '[192.0.2.1]:80',
  '[::1',
  '::1]',
  'fe80::1%eth0',
  '[]',
])('does not accept %s as an address', (text) => expect(parseForwarded(text)).toBeUndefined());

it('trusts its own proxies, each about its own peer, and nobody else', () => {
  expect(clients.of('192.0.2.9', '198.51.100.1')).toBe('192.0.2.9');
  expect(clients.of('10.0.0.1', '198.51.100.66, 198.51.100.1')).toBe('198.51.100.1'); // the client itself sent the first entry
  expect(clients.of('10.0.0.1', '198.51.100.1:4711, [fd00::7]:80, 10.0.0.2:1234')).toBe('198.51.100.1');
  expect(clients.of('::ffff:10.0.0.1', ['198.51.100.66', '198.51.100.1'])).toBe('198.51.100.1');
  expect(clients.of('10.0.0.1', undefined)).toBe('10.0.0.1');
  expect(clients.of('10.0.0.1', '10.0.0.2')).toBe('10.0.0.2');
  expect(clients.of(undefined, '198.51.100.1')).toBeUndefined();
  expect(lines).toEqual([]);
});

it('uses the address of a proxy that forwarded something else, and logs that once a minute', () => {
  for (let i = 0; i < 50; i++) expect(clients.of('10.0.0.1', `198.51.100.66, made-up-${i}\u001b[2J, 10.0.0.2`)).toBe('10.0.0.2');
  expect(lines).toEqual([{ proxy: '10.0.0.2', forwarded: 'made-up-0[2J' }]);
  vi.advanceTimersByTime(60_000);
  clients.of('10.0.0.1', 'unknown');
  expect(lines.slice(1)).toEqual([
    { notLogged: 49, seconds: 60 },
    { proxy: '10.0.0.1', forwarded: 'unknown' },
  ]);
});

it('trusts only its own proxies about the protocol that the client uses', () => {
  const request = (remoteAddress: string, proto?: string) => ({
    socket: { remoteAddress },
    headers: proto === undefined ? {} : { 'x-forwarded-proto': proto },
    protocol: 'http' as const,
  });
  expect(clients.protocolOf(request('10.0.0.1', 'https'))).toBe('https');
  expect(clients.protocolOf(request('192.0.2.9', 'https'))).toBe('http');
  expect(clients.protocolOf(request('10.0.0.1', 'ftp'))).toBe('http');
  expect(clients.protocolOf(request('10.0.0.1'))).toBe('http');
});
