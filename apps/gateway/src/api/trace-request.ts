import { context, trace } from '@opentelemetry/api';
import type { Operation } from '@sluice/contracts';
import { contextOf, noteFailure, startSpan } from '@sluice/traces';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bearerToken } from '../login/token.js';

/**
 * Makes a request a span, and continues with it in that span. A client that sends a token may name the trace that the request belongs
 * to. Whether the token is valid only the service that owns the operation can tell, so no client decides whether a request is sampled.
 */
export function traceRequest(
  operation: Operation,
  route: string,
  request: FastifyRequest,
  reply: FastifyReply,
  next: () => void,
): void {
  const { authorization, traceparent } = request.headers;
  const hasToken = authorization !== undefined && bearerToken(authorization) !== undefined;
  const parent = contextOf(hasToken ? traceparent : undefined, 'anybody');
  const attributes = {
    'http.request.method': operation.method,
    'http.route': route,
    'sluice.operation': operation.id,
    'sluice.request.id': request.id,
  };
  const span = startSpan(`${operation.method} ${route}`, { kind: 'server', parent, attributes });
  reply.raw.once('close', () => {
    const { statusCode } = reply.raw;
    span.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) noteFailure(span, String(statusCode), true);
    span.end();
  });
  context.with(trace.setSpan(parent, span), next);
}
