import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ClientAddress } from '../client/client-address.js';
import { isToken } from './token.js';

/** A browser keeps a cookie with this prefix only where it came over TLS from this very host: no other host, and no plain http, can set or replace it. */
const OVER_TLS = '__Host-sluice';
const PLAIN = 'sluice';

/** How a sign-in asks for its token as a cookie, which no script can read, instead of in the answer. */
export const wantsCookie = (request: FastifyRequest): boolean => request.headers['sluice-login'] === 'cookie';

/**
 * The cookie that holds the token of a browser's login. Its name follows from how the browser sees this server, so a cookie that
 * was set over plain http counts for nothing over TLS.
 */
export class LoginCookie {
  constructor(private readonly clients: ClientAddress) {}

  /** The token in the cookie of a request; undefined where there is none. */
  tokenIn(request: FastifyRequest): string | undefined {
    const begins = `${this.nameFor(request)}=`;
    const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
    const token = cookies.find((cookie) => cookie.startsWith(begins))?.slice(begins.length);
    return isToken(token) ? token : undefined;
  }

  /** Has the browser keep a token until the login ends by itself. */
  set(request: FastifyRequest, reply: FastifyReply, token: string, expiresAt: string): void {
    this.write(request, reply, token, Math.max(0, Math.floor((Date.parse(expiresAt) - Date.now()) / 1000)));
  }

  /** Has the browser forget the token. */
  clear(request: FastifyRequest, reply: FastifyReply): void {
    this.write(request, reply, '', 0);
  }

  private write(request: FastifyRequest, reply: FastifyReply, value: string, maxAge: number): void {
    const secure = this.isOverTls(request) ? '; Secure' : '';
    const cookie = `${this.nameFor(request)}=${value}; Max-Age=${maxAge}; Path=/; HttpOnly${secure}; SameSite=Strict`;
    void reply.header('set-cookie', cookie);
  }

  private nameFor(request: FastifyRequest): string {
    return this.isOverTls(request) ? OVER_TLS : PLAIN;
  }

  private isOverTls(request: FastifyRequest): boolean {
    return this.clients.protocolOf(request) === 'https';
  }
}
