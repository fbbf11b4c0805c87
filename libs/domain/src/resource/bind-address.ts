import { accept, type Outcome, refuse } from '../refusal.js';
import type { NetworkSettings } from '../settings/network-settings.js';
import { type AddressBlock, blockHolds, formatIpv4, parseBlock, parseIpv4 } from '../network/ip.js';
import { parsePort } from '../network/port.js';

/** How clients reach a resource on their own machine. */
export const CONNECTIVITY_MODES = ['loopback', 'virtual-network'] as const;
/** How clients reach a resource on their own machine. */
export type ConnectivityMode = (typeof CONNECTIVITY_MODES)[number];

const PORTS = { loopback: [1024, 64999], 'virtual-network': [1, 65535] } as const;
const [LOWEST_PORT, HIGHEST_PORT] = PORTS.loopback;

/** The addresses that resources of a mode are bound to. */
export interface AddressRange {
  /** As people write the range. */
  readonly text: string;
  readonly what: string;
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * The addresses of a mode, without the first and the last of a block: they are the network address and the broadcast address,
 * which a host cannot have.
 */
export function rangeOf(mode: ConnectivityMode, network: NetworkSettings): AddressRange {
  const text = mode === 'loopback' ? network.loopbackRange : network.virtualSubnet;
  const { base, bits } = parseBlock(text) as AddressBlock;
  const end = base + (1n << BigInt(32 - bits)) - 1n;
  const [first, last] = bits >= 31 ? [base, end] : [base + 1n, end - 1n];
  return { text, what: mode === 'loopback' ? 'loopback range' : 'virtual subnet', first, last };
}

/** Whether a range contains an address. */
export const rangeHolds = ({ first, last }: AddressRange, address: string): boolean => {
  const value = parseIpv4(address);
  return value !== undefined && value >= first && value <= last;
};

/** Checks a requested bind address, which must lie inside the range. */
export function parseBindAddress(text: string, range: AddressRange): Outcome<string> {
  if (parseIpv4(text) === undefined)
    return refuse('bind_address_invalid', 'a bind address is an IPv4 address in dotted decimal', 'bindAddress', text);
  if (rangeHolds(range, text)) return accept(text);
  const inBlock = blockHolds(parseBlock(range.text) as AddressBlock, text);
  const why = inBlock ? ', whose first and last address belong to the network itself' : '';
  const message = `the bind address must lie inside the ${range.what} ${range.text}${why}`;
  return refuse('bind_address_outside_range', message, 'bindAddress', text);
}

/** Checks a requested port override. In loopback mode it must need no privileges and not be one that operating systems assign themselves. */
export const parsePortOverride = (input: number | string, mode: ConnectivityMode): Outcome<number> =>
  parsePort(input, 'portOverride', PORTS[mode][0], PORTS[mode][1], 'port_override_invalid');

/** Assigns a bind address: the only one of a range of one, otherwise the lowest that no other resource uses. */
export function assignBindAddress(range: AddressRange, used: ReadonlySet<string>): Outcome<string> {
  if (range.first === range.last) return accept(formatIpv4(range.first));
  for (let value = range.first; value <= range.last; value++) {
    const address = formatIpv4(value);
    if (!used.has(address)) return accept(address);
  }
  return refuse(
    'bind_address_none_left',
    `every address of the ${range.what} ${range.text} is in use: give one of them (--bind-address), which servers may share at different ports, or widen the range`,
    'bindAddress',
    range.text,
  );
}

/**
 * Assigns a port: the lowest free one from 10000 to 32767, then lower ones, then those above 32767, which come last because
 * operating systems use them for outgoing connections.
 */
export function assignPortOverride(address: string, used: ReadonlySet<number>): Outcome<number> {
  const ranges: [number, number][] = [
    [10000, 32767],
    [LOWEST_PORT, 9999],
    [32768, HIGHEST_PORT],
  ];
  for (const [low, high] of ranges) for (let port = low; port <= high; port++) if (!used.has(port)) return accept(port);
  return refuse('port_override_none_left', `every port of ${address} is in use`, 'portOverride', address);
}
