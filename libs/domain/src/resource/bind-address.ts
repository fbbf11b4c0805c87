import { accept, type Outcome, refuse } from '../refusal.js';
import { type AddressBlock, blockHolds, formatIpv4, parseIpv4 } from './ip.js';
import { parsePort } from './port.js';

/** How clients reach a resource on their own machine. */
export const CONNECTIVITY_MODES = ['loopback', 'virtual-network'] as const;
/** How clients reach a resource on their own machine. */
export type ConnectivityMode = (typeof CONNECTIVITY_MODES)[number];

const LOWEST_PORT = 1024;
const HIGHEST_PORT = 64999;

/** An asked-for loopback bind address: it must lie inside the organization's loopback range. */
export function parseBindAddress(text: string, range: AddressBlock, rangeText: string): Outcome<string> {
  if (parseIpv4(text) === undefined)
    return refuse('bind_address_invalid', 'a bind address is an IPv4 address in dotted decimal', 'bindAddress', text);
  if (!blockHolds(range, text)) {
    return refuse(
      'bind_address_outside_range',
      `the bind address must lie inside the loopback range ${rangeText}`,
      'bindAddress',
      text,
    );
  }
  return accept(text);
}

/** An asked-for loopback port override. */
export const parsePortOverride = (input: number | string): Outcome<number> =>
  parsePort(input, 'portOverride', LOWEST_PORT, HIGHEST_PORT, 'port_override_invalid');

/** Assigns a bind address: the only one of a range of one, else the lowest that no other resource uses. */
export function assignBindAddress(range: AddressBlock, rangeText: string, used: ReadonlySet<string>): Outcome<string> {
  if (range.bits === 32) return accept(formatIpv4(range.base));
  const end = range.base + (1n << BigInt(32 - range.bits));
  for (let value = range.base; value < end; value++) {
    const address = formatIpv4(value);
    if (!used.has(address)) return accept(address);
  }
  return refuse('bind_address_none_left', `every address of the loopback range ${rangeText} is in use`, 'bindAddress', rangeText);
}

/**
 * Assigns a loopback port: the lowest free one from 10000 to 32767, then the lower ones, then those above
 * (operating systems hand out ports above 32767 to outgoing connections, so those come last).
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
