import { blockHolds, formatIpv4, parseBlock, parseIpv4, parseIpv6, type AddressBlock } from '../network/ip.js';

const MAPPED = parseBlock('0.0.0.0/0') as AddressBlock;

/**
 * The key by which limits count an address: an IPv4 address, even if it is written as IPv6, or the /64 of an IPv6 address, because
 * one subscriber has the whole block. Everything that is not an address shares one key, because a client must not choose its own.
 */
export function addressKey(address: string | undefined): string {
  const plain = address?.split('%')[0] ?? '';
  if (parseIpv4(plain) !== undefined) return plain;
  const value = parseIpv6(plain);
  if (value === undefined) return 'unknown';
  if (blockHolds(MAPPED, plain)) return formatIpv4(value & 0xffffffffn);
  return `${(value >> 64n).toString(16)}::/64`;
}
