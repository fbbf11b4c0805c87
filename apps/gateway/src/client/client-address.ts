import { type AddressBlock, blockHolds, cleanText, parseIpv4, parseIpv6 } from '@sluice/domain';
import { LimitedLog, type Log } from '@sluice/process';

const MINUTE_MS = 60_000;

/** The parts of a request that show where it comes from. */
interface Request {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Finds out where a request comes from: the peer of the connection or, if that is a trusted proxy, the client it forwards for. */
export class ClientAddress {
  private readonly unreadable: LimitedLog;

  /** @param proxies address blocks of the proxies whose `X-Forwarded-*` headers are trusted */
  constructor(
    private readonly proxies: readonly AddressBlock[],
    log: Log,
  ) {
    this.unreadable = new LimitedLog(log, 1, MINUTE_MS);
  }

  /** The address of a request's client. */
  ofRequest({ socket, headers }: Request): string | undefined {
    return this.of(socket.remoteAddress, headers['x-forwarded-for']);
  }

  /** The protocol that the client uses, which differs from ours if a trusted proxy terminates TLS. */
  protocolOf({ socket, headers, protocol }: Request & { readonly protocol: 'http' | 'https' }): 'http' | 'https' {
    const forwarded = headers['x-forwarded-proto'];
    return forwarded === 'https' && this.isProxy(socket.remoteAddress) ? 'https' : protocol;
  }

  /** The origin of this server as the client's browser writes it in `Origin`; undefined if the request names no host that could be one. */
  originOf(request: Request & { readonly protocol: 'http' | 'https'; readonly host: string }): string | undefined {
    const forwarded = request.headers['x-forwarded-host'];
    const isForwarded = typeof forwarded === 'string' && this.isProxy(request.socket.remoteAddress);
    const host = isForwarded ? (forwarded.split(',').at(-1) ?? '').trim() : request.host;
    if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`${this.protocolOf(request)}://${host}`)) return undefined;
    return new URL(`${this.protocolOf(request)}://${host}`).origin; // without the port that goes without saying
  }

  private isProxy(address: string | undefined): boolean {
    return address !== undefined && this.proxies.some((block) => blockHolds(block, address));
  }

  /**
   * The address of a client. Each proxy appends the address of its own peer to the list, so the list is read backwards for as
   * long as the entry before was a trusted proxy. If a trusted proxy appended something that is not an address, its own
   * address is used, because a client must not be able to choose the key of a limit.
   */
  of(remoteAddress: string | undefined, forwardedFor: string | string[] | undefined): string | undefined {
    let address = remoteAddress;
    for (const entry of [forwardedFor ?? []].flat().join(',').split(',').reverse()) {
      const proxy = address;
      if (!this.isProxy(proxy)) break;
      const text = entry.trim();
      if (text === '') break;
      address = parseForwarded(text);
      if (address !== undefined) continue;
      this.unreadable.info(
        { proxy, forwarded: cleanText(text, 100) },
        'a proxy forwarded something that is not an address; its own address is used',
      );
      return proxy;
    }
    return address;
  }
}

/** An address as proxies write it: alone, with a port (`192.0.2.1:567`), or in brackets (`[2001:db8::1]`, `[2001:db8::1]:567`). */
export function parseForwarded(text: string): string | undefined {
  const address = /^\[([^[\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  const isRead = text.startsWith('[') ? parseIpv6(address) : (parseIpv4(address) ?? parseIpv6(address));
  return isRead === undefined ? undefined : address;
}
