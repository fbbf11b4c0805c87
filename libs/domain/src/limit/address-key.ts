import { blockHolds, formatIpv4, parseBlock, parseIpv4, parseIpv6, type AddressBlock } from '../network/ip.js';

const MAPPED = parseBlock('0.0.0.0/0') as AddressBlock;

/**
 * What limits count an address by: an IPv4 address, also where it is written as IPv6, or the /64 of an IPv6 address, which is
 * one subscriber's. What is no address is one key, because a client must not choose its own.
 */
export function addressKey(address: string | undefined): string {
  const plain = address?.split('%')[0] ?? '';
  if (parseIpv4(plain) !== undefined) return plain;
  const value = parseIpv6(plain);
  if (value === undefined) return 'unknown';
  if (blockHolds(MAPPED, plain)) return formatIpv4(value & 0xffffffffn);
  return `${(value >> 64n).toString(16)}::/64`;
}
