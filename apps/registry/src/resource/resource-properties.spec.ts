import { DEFAULT_NETWORK } from '@sluice/domain';
import { expect, it } from 'vitest';
import { settleProperties } from './resource-properties.js';

const asked = { name: 'db', hostname: '10.0.0.1' };
const settle = (port: number, loopbackRange: string, taken: readonly string[] = []) => {
  const places = taken.map((place) => place.split(':') as [string, string]);
  const occupied = {
    addresses: new Set(places.map(([address]) => address)),
    portsOf: (of: string) => new Set(places.filter(([address]) => address === of).map(([, each]) => Number(each))),
  };
  const { bindAddress, portOverride } = settleProperties(
    { ...asked, port },
    undefined,
    { ...DEFAULT_NETWORK, loopbackRange },
    occupied,
  );
  return `${bindAddress}:${portOverride}`;
};

it('gives a server that has a loopback address to itself its real port, where that needs no rights', () => {
  expect(settle(5432, '127.1.0.0/16')).toBe('127.1.0.1:5432');
  expect(settle(5432, '127.1.0.0/16', ['127.1.0.1:5432'])).toBe('127.1.0.2:5432');
  expect(settle(443, '127.1.0.0/16')).toBe('127.1.0.1:10000');
  expect(settle(65_000, '127.1.0.0/16')).toBe('127.1.0.1:10000');
});

it('assigns a port where all servers share one address', () => {
  expect(settle(5432, '127.0.0.1')).toBe('127.0.0.1:10000');
  expect(settle(5432, '127.0.0.1', ['127.0.0.1:10000'])).toBe('127.0.0.1:10001');
});
