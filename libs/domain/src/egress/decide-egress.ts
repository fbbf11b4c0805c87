import { plainText } from '../text.js';
import { type AddressBlock, blockHolds, parseBlock, parseIpv4, parseIpv6 } from '../network/ip.js';
import { LOOPBACK_BLOCKS } from '../network/loopback.js';

/** Where a relay may dial. An empty `allow` allows everything that is not denied. */
export interface EgressRules {
  /** As configured by the relay's operator. */
  readonly allow: readonly AddressBlock[];
  readonly deny: readonly AddressBlock[];
  /** The organization's virtual subnet, whose addresses exist on clients' machines only. */
  readonly virtualSubnet?: AddressBlock | undefined;
}

const block = (text: string): AddressBlock => parseBlock(text) as AddressBlock;
const blocks = (...texts: string[]): AddressBlock[] => texts.map(block);
const NEVER = blocks('0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', '::/128', 'fe80::/10', 'fec0::/10', 'ff00::/8');
/** Shared address space (RFC 6598), which contains the virtual network of agents by default. */
const VIRTUAL = block('100.64.0.0/10');

/**
 * Every form of IPv6 address that contains an IPv4 address and may be translated to it, which would bypass the rules for that
 * address. All are refused. `::ffff:a.b.c.d` is not among them, because sockets and rules treat it as the IPv4 address.
 * A translator's own prefix (RFC 6052) cannot be recognized, so the operator of a translator must deny it.
 */
const EMBEDDED: readonly { readonly form: string; readonly holds: (address: string) => boolean }[] = [
  within('IPv4-compatible', '::/96'),
  within('IPv4-translated', '::ffff:0:0:0/96'),
  within('NAT64', '64:ff9b::/96'),
  within('local NAT64', '64:ff9b:1::/48'),
  within('6to4', '2002::/16'),
  within('Teredo', '2001::/32'),
  { form: 'ISATAP', holds: isIsatap },
];

function within(form: string, prefix: string) {
  const range = block(prefix);
  return { form, holds: (address: string) => blockHolds(range, address) };
}

/** An interface identifier `[0200]:5efe:a.b.c.d` below any prefix (RFC 5214). */
function isIsatap(address: string): boolean {
  const value = parseIpv6(address);
  return value !== undefined && ((value >> 32n) & 0xfdffffffn) === 0x5efen;
}

const inAny = (list: readonly AddressBlock[], address: string) => list.some((each) => blockHolds(each, address));

/** Why no relay dials an address, whatever its operator allows; undefined if the operator's rules decide. */
export function neverDialled(address: string, virtualSubnet?: AddressBlock): string | undefined {
  if (blockHolds(VIRTUAL, address) || (virtualSubnet && blockHolds(virtualSubnet, address)))
    return 'is in the range of virtual networks';
  if (inAny(NEVER, address)) return 'is link-local, multicast, reserved or unspecified';
  const embedded = inAny(LOOPBACK_BLOCKS, address) ? undefined : EMBEDDED.find(({ holds }) => holds(address));
  return embedded && `is an IPv6 form of an IPv4 address (${embedded.form})`;
}

/**
 * Whether a relay may dial a resolved address. Link-local, multicast, unspecified, virtual and embedded addresses are never
 * dialled, and the relay's own loopback only if `allow` names it; `deny` takes precedence over `allow`. Anything else that is not
 * an address is refused.
 */
export function decideEgress(rules: EgressRules, address: string): { allowed: true } | { allowed: false; why: string } {
  const refuse = (why: string) => ({ allowed: false, why: `${address} ${why}` }) as const;
  if (parseIpv4(address) === undefined && parseIpv6(address) === undefined)
    return { allowed: false, why: `${plainText(address)} is not an IPv4 or IPv6 address without zone` };
  const never = neverDialled(address, rules.virtualSubnet);
  if (never !== undefined) return refuse(never);
  if (inAny(rules.deny, address)) return refuse("is denied by this relay's egress rules");
  if (inAny(rules.allow, address)) return { allowed: true };
  if (inAny(LOOPBACK_BLOCKS, address)) return refuse("is the relay's own loopback");
  if (rules.allow.length > 0) return refuse('is not among the addresses this relay may dial');
  return { allowed: true };
}
