import { parseIpv6 } from '../resource/ip.js';

/** What limits count by: an IPv4 address, or the /64 of an IPv6 address, which is one subscriber's. */
export const limitKey = (address: string): string => {
  const value = parseIpv6(address.split('%')[0] as string);
  return value === undefined ? address : `${(value >> 64n).toString(16)}::/64`;
};
