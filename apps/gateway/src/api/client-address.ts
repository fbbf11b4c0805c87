import { type AddressBlock, blockHolds, cleanText, parseIpv4, parseIpv6 } from '@sluice/domain';
import { LimitedLog, type Log } from '@sluice/process';

const MINUTE_MS = 60_000;

/** What is looked at of a request. */
interface Request {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Finds out where requests come from: who connects, or, where that is a proxy of ours, whom it forwards for. */
export class ClientAddress {
  private readonly unread: LimitedLog;

  /** @param proxies whose word about the client counts */
  constructor(
    private readonly proxies: readonly AddressBlock[],
    log: Log,
  ) {
    this.unread = new LimitedLog(log, 1, MINUTE_MS);
  }

  /** The address of a request's client. */
  ofRequest({ socket, headers }: Request): string | undefined {
    return this.of(socket.remoteAddress, headers['x-forwarded-for']);
  }

  /** How the client sees this server: a proxy of ours may end TLS before it. */
  protocolOf({ socket, headers, protocol }: Request & { readonly protocol: 'http' | 'https' }): 'http' | 'https' {
    const forwarded = headers['x-forwarded-proto'];
    return forwarded === 'https' && this.isProxy(socket.remoteAddress) ? 'https' : protocol;
  }

  private isProxy(address: string | undefined): boolean {
    return address !== undefined && this.proxies.some((block) => blockHolds(block, address));
  }

  /**
   * The address of a client. Each proxy adds whom it heard to the end of the list, so the list is read backwards, as long as
   * who added is a proxy of ours. Where one of ours added no address, its own counts: nobody may choose a limit's key.
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
      this.unread.info({ proxy, forwarded: cleanText(text, 100) }, 'a proxy forwards for what is no address: its own counts');
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
