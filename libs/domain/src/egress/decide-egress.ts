import { type AddressBlock, blockHolds, parseBlock } from '../resource/ip.js';

/** Where a relay may dial, as its operator wrote it. An empty `allow` means everything that is not denied. */
export interface EgressRules {
  readonly allow: readonly AddressBlock[];
  readonly deny: readonly AddressBlock[];
}

const blocks = (...texts: string[]): AddressBlock[] => texts.map((text) => parseBlock(text) as AddressBlock);
const NEVER = blocks('0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '255.255.255.255', '::/128', 'fe80::/10', 'ff00::/8');
const LOOPBACK = blocks('127.0.0.0/8', '::1');
const inAny = (list: readonly AddressBlock[], address: string) => list.some((block) => blockHolds(block, address));

/**
 * Whether a relay may dial a resolved address. Link-local, multicast and unspecified never; the relay's own
 * loopback only where `allow` names it; `deny` goes before `allow`.
 */
export function decideEgress(rules: EgressRules, address: string): { allowed: true } | { allowed: false; why: string } {
  if (inAny(NEVER, address)) return { allowed: false, why: `${address} is link-local, multicast or unspecified` };
  if (inAny(rules.deny, address)) return { allowed: false, why: `${address} is denied by this relay's egress rules` };
  if (inAny(rules.allow, address)) return { allowed: true };
  if (inAny(LOOPBACK, address)) return { allowed: false, why: `${address} is the relay's own loopback` };
  if (rules.allow.length > 0) return { allowed: false, why: `${address} is not among the addresses this relay may dial` };
  return { allowed: true };
}
