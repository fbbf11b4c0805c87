import { accept, type Outcome, refuse } from '../refusal.js';
import { parseHostname } from '../network/hostname.js';
import { type AddressBlock, blockHolds, formatIpv4, parseBlock } from '../network/ip.js';

/** How clients' machines see resources: the organization's address ranges and DNS zones. */
export interface NetworkSettings {
  /** Bind addresses of resources in loopback mode: one address, or a block of 127.0.0.0/8 ("multi-loopback"). */
  readonly loopbackRange: string;
  /** Whether resources may be in virtual network mode. */
  readonly virtualNetworking: boolean;
  /** The bind addresses of resources in virtual network mode: a block of private or shared addresses. */
  readonly virtualSubnet: string;
  /** Zones in which a resource in virtual network mode may have a DNS name that is not its own host name. */
  readonly dnsZones: readonly string[];
}

/** The defaults. */
export const DEFAULT_NETWORK: NetworkSettings = {
  loopbackRange: '127.0.0.1',
  virtualNetworking: false,
  virtualSubnet: '100.64.0.0/10',
  dnsZones: [],
};

const LOOPBACK = parseBlock('127.0.0.0/8') as AddressBlock;
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];
const MAX_ZONES = 50;

const within = (inner: AddressBlock, outer: AddressBlock): boolean =>
  inner.family === outer.family && inner.bits >= outer.bits && blockHolds(outer, formatIpv4(inner.base));

/** The notation of an IPv4 block: only the address if it has one, otherwise with the prefix length. */
const canonical = ({ base, bits }: AddressBlock): string => (bits === 32 ? formatIpv4(base) : `${formatIpv4(base)}/${bits}`);

/** The loopback range: an address of 127.0.0.0/8, or a block of it. */
export function parseLoopbackRange(text: string): Outcome<string> {
  const block = parseBlock(text);
  if (block && within(block, LOOPBACK)) return accept(canonical(block));
  return refuse(
    'loopback_range_invalid',
    'the loopback range is an address of 127.0.0.0/8 or a block of it, such as 127.0.0.1 or 127.1.0.0/16',
    'loopbackRange',
    text,
  );
}

/** The virtual subnet: a block of private or shared (100.64.0.0/10) IPv4 addresses, with room for at least two. */
export function parseVirtualSubnet(text: string): Outcome<string> {
  const block = parseBlock(text);
  if (block && block.bits <= 30 && PRIVATE.some((allowed) => within(block, parseBlock(allowed) as AddressBlock)))
    return accept(canonical(block));
  return refuse(
    'virtual_subnet_invalid',
    `the virtual subnet is a block of at least four addresses (/30) inside one of ${PRIVATE.join(', ')}`,
    'virtualSubnet',
    text,
  );
}

/** The DNS zones: names without duplicates. */
export function parseDnsZones(zones: readonly string[], toAscii: (name: string) => string): Outcome<string[]> {
  const parsed = new Set<string>();
  for (const zone of zones) {
    const name = parseHostname(zone, toAscii);
    if (!name.ok || parseBlock(name.value)) return refuse('dns_zone_invalid', 'a DNS zone is a DNS name', 'dnsZones', zone);
    parsed.add(name.value);
  }
  if (parsed.size > MAX_ZONES)
    return refuse('dns_zones_too_many', `there can be at most ${MAX_ZONES} DNS zones`, 'dnsZones', String(parsed.size));
  return accept([...parsed].sort());
}

/**
 * The DNS name of a resource: its own host name, or a name inside one of the zones, so that it cannot take over a foreign name.
 * @param toAscii see `parseHostname`
 */
export function parseDnsName(
  text: string,
  hostname: string,
  zones: readonly string[],
  toAscii: (name: string) => string,
): Outcome<string> {
  const name = parseHostname(text, toAscii);
  if (!name.ok || parseBlock(name.value)) return refuse('dns_invalid', 'this is not a DNS name', 'dns', text);
  if (dnsFits(name.value, hostname, zones)) return accept(name.value);
  const where = zones.length === 0 ? 'the organization has no DNS zones' : `the DNS zones are ${zones.join(', ')}`;
  return refuse('dns_outside_zones', `a DNS name is the server's own hostname, or lies in a DNS zone; ${where}`, 'dns', text);
}

/** Whether a resource may have this DNS name. */
export const dnsFits = (name: string, hostname: string, zones: readonly string[]): boolean =>
  name === hostname || zones.some((zone) => name === zone || name.endsWith(`.${zone}`));
