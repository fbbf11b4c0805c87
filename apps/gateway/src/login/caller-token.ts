import { type Operation, unauthenticated } from '@sluice/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ClientAddress } from '../client/client-address.js';
import type { LoginCookie } from './login-cookie.js';
import { assertPrivate } from './private-connection.js';
import { assertSameOrigin } from './same-origin.js';
import { bearerToken, isToken } from './token.js';

/** The token that a request carries. It goes to the service that answers, exactly as it was given, and nowhere else. */
export interface CallerToken {
  readonly token: string | undefined;
  readonly fromCookie: boolean;
}

/**
 * Finds the token of a request: of its `Authorization` header where there is one, else of its cookie. What needs no login uses
 * no cookie. If there are several cookies, none is used, and the response removes all of them.
 * @throws ProblemError 403 if a cookie would allow another page's request to change something, or if a browser uses plain HTTP to another machine; 401 if it sends several cookies
 */
export function callerToken(
  request: FastifyRequest,
  reply: FastifyReply,
  { callers }: Pick<Operation, 'callers'>,
  cookie: LoginCookie,
  clients: ClientAddress,
): CallerToken {
  const { authorization, origin } = request.headers;
  if (authorization !== undefined) return { token: bearerToken(authorization), fromCookie: false };
  const [value, ...others] = callers === 'anybody' ? [] : cookie.valuesIn(request);
  if (value !== undefined || origin !== undefined) assertPrivate(request, clients); // the request of a page
  if (value === undefined) return { token: undefined, fromCookie: false };
  if (request.method !== 'GET' && request.method !== 'HEAD') assertSameOrigin(request, clients);
  if (others.length > 0) {
    cookie.clear(request, reply);
    throw unauthenticated(
      'another server on this machine has set a cookie of the same name: all of them are removed, so sign in again',
    );
  }
  return { token: isToken(value) ? value : undefined, fromCookie: true };
}
