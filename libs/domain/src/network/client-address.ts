import { parseHostPort } from './host-port.js';
import { formatIpv4, parseIpv4, parseIpv6 } from './ip.js';

/**
 * The ways in which `address:port` of a client may be written that has this address: gateways write IPv6 in full, the operating
 * system in its short form, and IPv4 at a listener for both kinds as IPv6 too. Where the text has no port, each ends with the colon
 * before it. Undefined if the text is no IP address, with or without a port.
 */
export function clientAddressSpellings(text: string): readonly string[] | undefined {
  const given = parseHostPort(text);
  const port = given === undefined ? '' : String(given.port);
  const address = given?.host ?? text.replace(/^\[(.*)\]$/, '$1');
  const v6 = parseIpv6(address);
  const isMapped = v6 !== undefined && v6 >> 32n === 0xffffn;
  const v4 = parseIpv4(address) ?? (isMapped ? v6 & 0xffffffffn : undefined);
  if (v4 === undefined && v6 === undefined) return undefined;
  const groups = groupsOf(v4 === undefined ? (v6 as bigint) : (0xffffn << 32n) | v4);
  const full = groups.join(':');
  if (v4 === undefined) return [`[${full}]:${port}`, `[${shortened(groups)}]:${port}`];
  const decimal = formatIpv4(v4);
  return [`${decimal}:${port}`, `[::ffff:${decimal}]:${port}`, `[${full}]:${port}`];
}

const groupsOf = (value: bigint): string[] =>
  Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - at * 16)) & 0xffffn).toString(16));

/** The canonical form (RFC 5952): the longest run of two zeros or more is left out, the first of several. */
function shortened(groups: readonly string[]): string {
  let best = { from: 0, length: 0 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (from + length < 8 && groups[from + length] === '0') length++;
    if (length > best.length) best = { from, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.from).join(':')}::${groups.slice(best.from + best.length).join(':')}`;
}
