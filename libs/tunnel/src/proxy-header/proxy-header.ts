import type { Socket } from 'node:net';
import { isIPv4, isIPv6 } from 'node:net';
import { parseIpv6 } from '@sluice/domain';
import { readExactly } from '../socket/read-exactly.js';
import { TunnelError } from '../socket/tunnel-error.js';

/**
 * The header that a gateway sends to a relay ahead of an agent's connection: PROXY protocol v2 with the agent's address and
 * two custom TLVs, the gateway's id and the account that was authenticated in the preamble.
 */
export interface ProxyHeader {
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly gatewayId: string;
  readonly accountId: string;
}

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const HEAD_LENGTH = 16;
const BODY_LIMIT = 1024;
const TYPE_GATEWAY = 0xe0;
const TYPE_ACCOUNT = 0xe1;

const entry = (type: number, value: string): Buffer => {
  const body = Buffer.from(value);
  const head = Buffer.alloc(3);
  head[0] = type;
  head.writeUInt16BE(body.length, 1);
  return Buffer.concat([head, body]);
};

/** The bytes of an IPv6 address, which may have a zone; zeros for anything else. */
function ipv6Bytes(address: string): Buffer {
  const value = parseIpv6(address.replace(/%.*/, '')) ?? 0n;
  return Buffer.from(value.toString(16).padStart(32, '0'), 'hex');
}

/** A TCP address and port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A header of the command LOCAL, which names no client: for a connection of our own, such as a probe. */
export const LOCAL_PROXY_HEADER = Buffer.concat([SIGNATURE, Buffer.from([0x20, 0x00, 0, 0])]);

/** A header with the addresses of both ends. If only one of them is IPv4, it is written as an IPv4-mapped IPv6 address. */
export function encodeEndpoints(source: Endpoint, destination: Endpoint, entries: readonly Buffer[] = []): Buffer {
  const v4 = isIPv4(source.address) && isIPv4(destination.address);
  const bytesOf = (address: string) =>
    v4 ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(isIPv4(address) ? `::ffff:${address}` : address);
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source.port, 0);
  ports.writeUInt16BE(destination.port, 2);
  const body = Buffer.concat([bytesOf(source.address), bytesOf(destination.address), ports, ...entries]);
  const head = Buffer.concat([SIGNATURE, Buffer.from([0x21, v4 ? 0x11 : 0x21, 0, 0])]);
  head.writeUInt16BE(body.length, 14);
  return Buffer.concat([head, body]);
}

/** Encodes the header of a gateway. The destination address is not used. */
export function encodeProxyHeader(header: ProxyHeader): Buffer {
  const nowhere = isIPv4(header.clientAddress) ? '0.0.0.0' : '::';
  return encodeEndpoints({ address: header.clientAddress, port: header.clientPort }, { address: nowhere, port: 0 }, [
    entry(TYPE_GATEWAY, header.gatewayId),
    entry(TYPE_ACCOUNT, header.accountId),
  ]);
}

/** Reads exactly one header from a connection that this relay dialled to an authenticated gateway. @throws TunnelError */
export async function readProxyHeader(socket: Socket, signal: AbortSignal): Promise<ProxyHeader> {
  const head = await readExactly(socket, HEAD_LENGTH, signal);
  const length = head.readUInt16BE(14);
  if (!head.subarray(0, 12).equals(SIGNATURE) || head[12] !== 0x21)
    throw new TunnelError('bad-proxy-header', 'this is not a PROXY protocol v2 header');
  if (length > BODY_LIMIT)
    throw new TunnelError('bad-proxy-header', `a PROXY header of ${length} bytes; the limit is ${BODY_LIMIT}`);
  return decodeBody(head[13] as number, await readExactly(socket, length, signal));
}

function decodeBody(family: number, body: Buffer): ProxyHeader {
  const size = family === 0x11 ? 4 : family === 0x21 ? 16 : 0;
  if (size === 0 || body.length < size * 2 + 4)
    throw new TunnelError('bad-proxy-header', 'the PROXY header contains no TCP address');
  const raw = body.subarray(0, size);
  const groups = Array.from({ length: 8 }, (_, i) => (size === 16 ? raw.readUInt16BE(i * 2).toString(16) : ''));
  const clientAddress = size === 4 ? raw.join('.') : groups.join(':');
  if (!isIPv4(clientAddress) && !isIPv6(clientAddress))
    throw new TunnelError('bad-proxy-header', 'the PROXY header contains no address');
  const entries = decodeEntries(body.subarray(size * 2 + 4));
  const gatewayId = entries.get(TYPE_GATEWAY);
  const accountId = entries.get(TYPE_ACCOUNT);
  if (gatewayId === undefined || accountId === undefined)
    throw new TunnelError('bad-proxy-header', 'the PROXY header does not name a gateway and an account');
  return { clientAddress, clientPort: body.readUInt16BE(size * 2), gatewayId, accountId };
}

function decodeEntries(bytes: Buffer): Map<number, string> {
  const entries = new Map<number, string>();
  for (let at = 0; at < bytes.length;) {
    if (at + 3 > bytes.length) throw new TunnelError('bad-proxy-header', 'the PROXY header ends within an entry');
    const length = bytes.readUInt16BE(at + 1);
    if (at + 3 + length > bytes.length) throw new TunnelError('bad-proxy-header', 'the PROXY header ends within an entry');
    entries.set(bytes[at] as number, bytes.toString('utf8', at + 3, at + 3 + length));
    at += 3 + length;
  }
  return entries;
}
