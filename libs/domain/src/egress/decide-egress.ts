import { plainText } from '../text.js';
import { type AddressBlock, blockHolds, parseBlock, parseIpv4, parseIpv6 } from '../resource/ip.js';

/** Where a relay may dial, as its operator wrote it. An empty `allow` means everything that is not denied. */
export interface EgressRules {
  readonly allow: readonly AddressBlock[];
  readonly deny: readonly AddressBlock[];
}

const blocks = (...texts: string[]): AddressBlock[] => texts.map((text) => parseBlock(text) as AddressBlock);
const NEVER = blocks('0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', 'fe80::/10', 'fec0::/10', 'ff00::/8');
/** Shared address space (RFC 6598): the virtual network that agents give clients lies there. */
const VIRTUAL = blocks('100.64.0.0/10');
/** IPv6 forms that carry an IPv4 address (NAT64, 6to4, Teredo, IPv4-compatible): the address inside would escape the rules. */
const EMBEDDED = blocks('64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '2001::/32', '::/96');
const LOOPBACK = blocks('127.0.0.0/8', '::1');
const inAny = (list: readonly AddressBlock[], address: string) => list.some((block) => blockHolds(block, address));

/**
 * Whether a relay may dial a resolved address. Link-local, multicast and unspecified never; the relay's own
 * loopback only where `allow` names it; `deny` goes before `allow`. What is not plainly an address is refused.
 */
export function decideEgress(rules: EgressRules, address: string): { allowed: true } | { allowed: false; why: string } {
  if (parseIpv4(address) === undefined && parseIpv6(address) === undefined)
    return { allowed: false, why: `${plainText(address)} is not an IPv4 or IPv6 address without zone` };
  if (inAny(VIRTUAL, address)) return { allowed: false, why: `${address} is in the range of virtual networks` };
  if (inAny(EMBEDDED, address) && !inAny(LOOPBACK, address))
    return { allowed: false, why: `${address} is an IPv6 form of an IPv4 address, or unspecified` };
  if (inAny(NEVER, address)) return { allowed: false, why: `${address} is link-local, multicast or unspecified` };
  if (inAny(rules.deny, address)) return { allowed: false, why: `${address} is denied by this relay's egress rules` };
  if (inAny(rules.allow, address)) return { allowed: true };
  if (inAny(LOOPBACK, address)) return { allowed: false, why: `${address} is the relay's own loopback` };
  if (rules.allow.length > 0) return { allowed: false, why: `${address} is not among the addresses this relay may dial` };
  return { allowed: true };
}
