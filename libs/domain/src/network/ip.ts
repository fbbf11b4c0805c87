/** A block of IPv4 or IPv6 addresses: the first `bits` bits are those of `base`. */
export interface AddressBlock {
  readonly family: 4 | 6;
  readonly base: bigint;
  readonly bits: number;
}

/** The value of a dotted-decimal IPv4 address, or undefined: no other notation is accepted (no octal, no short forms). */
export function parseIpv4(text: string): bigint | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  if (!parts || parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))) return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

/** The dotted-decimal notation of an IPv4 value. */
export const formatIpv4 = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');

/** The value of an IPv6 address without zone, or undefined. */
export function parseIpv6(text: string): bigint | undefined {
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(':')) return undefined;
  let body = text;
  const tail = /^(.*:)([^:]*\.[^:]*)$/.exec(text);
  if (tail) {
    const v4 = parseIpv4(tail[2] as string);
    if (v4 === undefined) return undefined;
    body = `${tail[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
  }
  const halves = body.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = groups.flat();
  if (given.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  if (halves.length === 1 ? given.length !== 8 : given.length > 7) return undefined;
  const zeros = Array<string>(8 - given.length).fill('0');
  const all = halves.length === 1 ? given : [...(groups[0] as string[]), ...zeros, ...(groups[1] as string[])];
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

/** IPv4-mapped IPv6 (`::ffff:a.b.c.d`): the same address as the IPv4 one. */
const isMapped = (v6: bigint): boolean => v6 >> 32n === 0xffffn;

/**
 * Parses `address` or `address/bits`; undefined for anything else. A block of IPv4-mapped addresses is the IPv4 block; one that
 * begins with a mapped address and extends beyond them (`::ffff:0.0.0.0/90`) is not accepted.
 */
export function parseBlock(text: string): AddressBlock | undefined {
  const [address = '', length, ...more] = text.split('/');
  const v4 = parseIpv4(address);
  const value = v4 ?? parseIpv6(address);
  const width = v4 === undefined ? 128 : 32;
  if (value === undefined || more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const bits = length === undefined ? width : Number(length);
  if (bits > width) return undefined;
  if (v4 === undefined && isMapped(value)) return bits < 96 ? undefined : blockOf(4, value & 0xffffffffn, bits - 96);
  return blockOf(v4 === undefined ? 6 : 4, value, bits);
}

function blockOf(family: 4 | 6, value: bigint, bits: number): AddressBlock {
  const host = BigInt((family === 4 ? 32 : 128) - bits);
  return { family, base: (value >> host) << host, bits };
}

/** The address that was parsed last: one address is usually compared with many blocks. */
let parsed: { readonly text: string; readonly family: 4 | 6; readonly value: bigint | undefined } | undefined;

function parseAddress(text: string) {
  if (parsed?.text === text) return parsed;
  const v6 = parseIpv6(text);
  const v4 = parseIpv4(text) ?? (v6 !== undefined && isMapped(v6) ? v6 & 0xffffffffn : undefined);
  return (parsed = { text, family: v4 === undefined ? 6 : 4, value: v4 ?? v6 });
}

/** Whether a block contains an address given as text. An IPv4 address written as IPv6 (`::ffff:a.b.c.d`) counts as IPv4. */
export function blockHolds(block: AddressBlock, address: string): boolean {
  const { family, value } = parseAddress(address);
  if (value === undefined || block.family !== family) return false;
  const host = BigInt((block.family === 4 ? 32 : 128) - block.bits);
  return value >> host === block.base >> host;
}
