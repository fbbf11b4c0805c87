import { parseIpv6 } from './ip.js';

const HOST_PORT = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/;

/** The two parts of `host:port`, without the brackets of IPv6; a port of 0 means any free one. Undefined for any other text. */
export function parseHostPort(text: string): { host: string; port: number } | undefined {
  const [, ipv6, name, digits] = HOST_PORT.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(digits) > 65535 || (ipv6 !== undefined && parseIpv6(ipv6) === undefined)) return undefined;
  return { host, port: Number(digits) };
}

/** Whether a text is the `host:port` of something that can be dialled: the port is not 0. */
export const isHostPort = (text: string): boolean => (parseHostPort(text)?.port ?? 0) > 0;
