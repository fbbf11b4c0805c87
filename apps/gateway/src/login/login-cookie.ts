import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ClientAddress } from '../client/client-address.js';

/** A browser keeps a cookie with this prefix only if it came over TLS from this very host: no other host, and no plain HTTP, can set or replace it. */
const OVER_TLS = '__Host-sluice';
/** How many directories of a request's path are considered; no path of the API has more. */
const MAX_DEPTH = 10;

/** How a sign-in asks for its token as a cookie, which no script can read, instead of in the answer. */
export const wantsCookie = (request: FastifyRequest): boolean => request.headers['sluice-login'] === 'cookie';

/**
 * The cookie that holds the token of a browser's login. Its name follows from how the browser sees this server, so a cookie that
 * was set over plain HTTP counts for nothing over TLS. A browser sends its cookies of plain HTTP to every port of a host.
 * Therefore the name contains the port, so that gateways on one machine do not take each other's cookies. A server at another
 * port can still set a cookie of this name, for a longer path too, so a request may have several.
 */
export class LoginCookie {
  constructor(private readonly clients: ClientAddress) {}

  /** What the cookies of this name in a request contain. */
  valuesIn(request: FastifyRequest): string[] {
    const begins = `${this.nameFor(request)}=`;
    const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
    return cookies.filter((cookie) => cookie.startsWith(begins)).map((cookie) => cookie.slice(begins.length));
  }

  /** Has the browser keep a token until the login ends by itself, and forget the cookies that it would send besides. */
  set(request: FastifyRequest, reply: FastifyReply, token: string, expiresAt: string): void {
    if (this.valuesIn(request).length > 0) this.clearLongerPaths(request, reply);
    this.write(request, reply, token, Math.max(0, Math.floor((Date.parse(expiresAt) - Date.now()) / 1000)), '/');
  }

  /** Has the browser forget the token, and every cookie of this name that it sends with such a request. */
  clear(request: FastifyRequest, reply: FastifyReply): void {
    this.clearLongerPaths(request, reply);
    this.write(request, reply, '', 0, '/');
  }

  private clearLongerPaths(request: FastifyRequest, reply: FastifyReply): void {
    if (this.isOverTls(request)) return; // `__Host-` has no other path than `/`
    for (const path of longerPaths(request.url)) this.write(request, reply, '', 0, path);
  }

  private write(request: FastifyRequest, reply: FastifyReply, value: string, maxAge: number, path: string): void {
    const secure = this.isOverTls(request) ? '; Secure' : '';
    const cookie = `${this.nameFor(request)}=${value}; Max-Age=${maxAge}; Path=${path}; HttpOnly${secure}; SameSite=Strict`;
    void reply.header('set-cookie', cookie);
  }

  private nameFor(request: FastifyRequest): string {
    if (this.isOverTls(request)) return OVER_TLS;
    const origin = this.clients.originOf(request);
    return `sluice-${(origin !== undefined && new URL(origin).port) || '80'}`;
  }

  private isOverTls(request: FastifyRequest): boolean {
    return this.clients.protocolOf(request) === 'https';
  }
}

/** All paths but `/` for which a browser would send a cookie with a request: for `/a/b` these are `/a`, `/a/` and `/a/b`. */
function longerPaths(url: string): string[] {
  const path = url.split('?', 1)[0] ?? '';
  const ends = [...path.matchAll(/\//g)].map(({ index }) => index).filter((index) => index > 0);
  const paths = [...ends.slice(0, MAX_DEPTH).flatMap((end) => [path.slice(0, end), path.slice(0, end + 1)]), path];
  return paths.filter((one) => /^\/[\x21-\x3a\x3c-\x7e]+$/.test(one)); // a semicolon would end the attribute
}
