import { accept, type Outcome, refuse } from '../refusal.js';
import { parseIpv4, parseIpv6 } from './ip.js';

const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const bad = (message: string, text: string) => refuse('hostname_invalid', message, 'hostname', text);

/**
 * What a relay dials: an IPv4 in dotted decimal, an IPv6 without zone, or a DNS name of at most 253 characters, stored as ASCII.
 * @param toAscii turns an internationalized name into ASCII ('' when it cannot), as `domainToASCII` of node:url does.
 */
export function parseHostname(text: string, toAscii: (name: string) => string): Outcome<string> {
  if (text.trim() === '') return refuse('hostname_missing', 'a hostname is needed: it is what the relay dials', 'hostname');
  if (text !== text.trim() || /\s/.test(text)) return bad('a hostname may not contain spaces', text);
  if (text.includes('://')) return bad('give only the host, without a scheme such as "tcp://"', text);
  if (/[,;]/.test(text)) return bad('give exactly one host, not a list', text);
  if (parseIpv4(text) !== undefined) return accept(text);
  if (parseIpv6(text) !== undefined) return accept(text.toLowerCase());
  if (text.includes('%')) return bad('an IPv6 address may not carry a zone', text);
  if (/[/?#@\\]/.test(text)) return bad('give only the host, without a path or a user', text);
  if (/[:[\]]/.test(text))
    return bad('give only the host; the port has its own field, and IPv6 is written without brackets', text);
  const ascii = toAscii(text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  if (ascii === '') return bad('this is neither an IP address nor a DNS name', text);
  const labels = ascii.split('.');
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) as string) || parseIpv4(ascii) !== undefined) {
    return bad('an IPv4 address is written in dotted decimal, such as 10.0.0.7', text);
  }
  if (ascii.length > 253) return bad(`a DNS name has at most 253 characters; this one has ${ascii.length}`, text);
  if (!labels.every((label) => LABEL.test(label)))
    return bad('each part of a DNS name has 1 to 63 letters, digits or inner hyphens', text);
  return accept(ascii);
}
