import type { Operation } from '@sluice/contracts';
import type { FastifyRequest } from 'fastify';
import type { ClientAddress } from '../client/client-address.js';
import type { LoginCookie } from './login-cookie.js';
import { assertSameOrigin } from './same-origin.js';
import { bearerToken } from './token.js';

/** The token that a request carries. It goes to the service that answers, exactly as it was given, and nowhere else. */
export interface CallerToken {
  readonly token: string | undefined;
  readonly fromCookie: boolean;
}

/**
 * Finds the token of a request: of its `Authorization` header where there is one, else of its cookie. What needs no login uses
 * no cookie.
 * @throws ProblemError 403 where a cookie would allow another page's request to change something
 */
export function callerToken(
  request: FastifyRequest,
  { callers }: Pick<Operation, 'callers'>,
  cookie: LoginCookie,
  clients: ClientAddress,
): CallerToken {
  const { authorization } = request.headers;
  if (authorization !== undefined) return { token: bearerToken(authorization), fromCookie: false };
  const token = callers === 'anybody' ? undefined : cookie.tokenIn(request);
  if (token === undefined) return { token, fromCookie: false };
  if (request.method !== 'GET' && request.method !== 'HEAD') assertSameOrigin(request, clients);
  return { token, fromCookie: true };
}
