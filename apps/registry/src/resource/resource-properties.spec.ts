import { ProblemError } from '@sluice/contracts';
import { DEFAULT_NETWORK } from '@sluice/domain';
import { expect, it } from 'vitest';
import { determineProperties } from './resource-properties.js';

const none = () => new Set<number>();
const NOBODY = { addresses: new Set<string>(), portsOf: none, recentAddresses: new Set<string>(), recentPortsOf: none };

/** The properties of a new server, or of an existing one. */
const determine = (asked: Parameters<typeof determineProperties>[0], present?: Parameters<typeof determineProperties>[1]) =>
  determineProperties({ name: 'db', ...asked }, present, { ...DEFAULT_NETWORK, virtualSubnet: '10.99.0.0/16' }, NOBODY);

function problemOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
  }
  throw new Error('it was accepted');
}

it.each([
  ['169.254.169.254', 'link-local'],
  ['0.0.0.0', 'unspecified'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'reserved'],
  ['100.64.0.1', 'virtual networks'],
  ['10.99.1.2', 'virtual networks'],
  ['::', 'unspecified'],
  ['FE80::1', 'link-local'],
  ['::ffff:169.254.1.1', 'link-local'],
  ['64:ff9b::a9fe:a9fe', 'NAT64'],
  ['::10.0.0.1', 'IPv4-compatible'],
])('rejects a hostname that no relay would dial, and explains why: %s', (hostname, why) => {
  const problem = { status: 422, code: 'hostname_never_dialled', field: 'hostname', value: hostname };
  const present = determine({ hostname: '10.0.0.1' });
  for (const work of [() => determine({ hostname }), () => determine({ hostname }, present)]) {
    expect(problemOf(work)).toMatchObject({ ...problem, title: expect.stringContaining(why) as string });
  }
});

it('accepts addresses that operators of relays may allow, and leaves the present hostname of a server alone', () => {
  for (const hostname of ['127.0.0.1', '::1', '10.0.0.1', 'fd00::1', 'db.internal'])
    expect(determine({ hostname }).hostname).toBe(hostname);
  const kept = { ...determine({ hostname: '10.0.0.1' }), hostname: '169.254.1.1' };
  expect(determine({ port: 5433 }, kept)).toMatchObject({ hostname: '169.254.1.1', port: 5433 });
});

const asked = { name: 'db', hostname: '10.0.0.1' };
type Places = readonly string[];
/** Which addresses and ports are named by places such as `127.0.0.1:10000`. */
function read(places: Places): { addresses: Set<string>; portsOf: (address: string) => Set<number> } {
  const pairs = places.map((place) => place.split(':') as [string, string]);
  const portsOf = (of: string) => new Set(pairs.filter(([address]) => address === of).map(([, port]) => Number(port)));
  return { addresses: new Set(pairs.map(([address]) => address)), portsOf };
}
const placeOf = (port: number, loopbackRange: string, taken: Places = [], left: Places = [], given: object = {}) => {
  const recent = read(left);
  const { bindAddress, portOverride } = determineProperties(
    { ...asked, ...given, port },
    undefined,
    { ...DEFAULT_NETWORK, loopbackRange },
    { ...read(taken), recentAddresses: recent.addresses, recentPortsOf: recent.portsOf },
  );
  return `${bindAddress}:${portOverride}`;
};

it('gives a server with a loopback address of its own its real port, unless the port is privileged or reserved', () => {
  expect(placeOf(5432, '127.1.0.0/16')).toBe('127.1.0.1:5432');
  expect(placeOf(5432, '127.1.0.0/16', ['127.1.0.1:5432'])).toBe('127.1.0.2:5432');
  expect(placeOf(443, '127.1.0.0/16')).toBe('127.1.0.1:10000');
  expect(placeOf(65_000, '127.1.0.0/16')).toBe('127.1.0.1:10000');
});

it('assigns a port when all servers share one address', () => {
  expect(placeOf(5432, '127.0.0.1')).toBe('127.0.0.1:10000');
  expect(placeOf(5432, '127.0.0.1', ['127.0.0.1:10000'])).toBe('127.0.0.1:10001');
});

it('assigns no place that another server has left lately, unless it is asked for or nothing else is left', () => {
  expect(placeOf(5432, '127.0.0.1', [], ['127.0.0.1:10000'])).toBe('127.0.0.1:10001');
  expect(placeOf(5432, '127.0.0.1', [], ['127.0.0.1:10000'], { portOverride: 10000 })).toBe('127.0.0.1:10000');
  expect(placeOf(5432, '127.1.0.0/16', [], ['127.1.0.1:5432'])).toBe('127.1.0.2:5432');
  expect(placeOf(5432, '127.1.0.0/16', [], ['127.1.0.1:5432'], { bindAddress: '127.1.0.1' })).toBe('127.1.0.1:10000');
  expect(placeOf(5432, '127.1.0.0/30', ['127.1.0.1:5432'], ['127.1.0.2:5432'])).toBe('127.1.0.2:10000');
});
