import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  GATEWAY_METRICS,
  type InputOf,
  invalidInput,
  logIn,
  logOut,
  openApiDocument,
  OPERATIONS,
  type Operation,
  type OutputOf,
  ProblemError,
} from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { answerOperations, histogramOf, Log } from '@sluice/process';
import { ServiceReadiness } from '@sluice/process/nest';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { callerToken } from '../login/caller-token.js';
import { LoginCookie, wantsCookie } from '../login/login-cookie.js';
import { assertSameOrigin } from '../login/same-origin.js';
import { ClientAddress } from '../client/client-address.js';
import { answerProblem } from './problems.http.js';
import { requireRelease } from './require-release.js';
import { traceRequest } from './trace-request.js';

const BASE = '/api/v1';
const answered = histogramOf(GATEWAY_METRICS.httpSeconds);

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
}

/**
 * The API over HTTP. Every operation is a route. The gateway validates the request, forwards it with the caller's own token
 * to the service that owns the operation, and returns the response. It does not authorize: that service checks who may call.
 */
@Injectable()
export class OperationRoutes implements OnModuleInit {
  private readonly cookie: LoginCookie;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly bus: Bus,
    private readonly clients: ClientAddress,
    private readonly readiness: ServiceReadiness,
    private readonly log: Log,
  ) {
    this.cookie = new LoginCookie(clients);
  }

  /** Adds the routes. They are added to Fastify directly because they follow from a table, which Nest's controllers cannot express. */
  onModuleInit(): void {
    const server = this.host.httpAdapter.getInstance<FastifyInstance>();
    const errorHandler = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      answerProblem(error, request, reply, this.log);
    for (const operation of OPERATIONS) {
      server.route({
        method: operation.method,
        url: `${BASE}${operation.path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
        preHandler: (request, reply, next) => traceRequest(operation, `${BASE}${operation.path}`, request, reply, next),
        handler: (request, reply) => this.answer(operation, request, reply),
        errorHandler,
      });
    }
    const document = openApiDocument();
    server.get(`${BASE}/openapi.json`, () => document);
    for (const path of ['/livez', '/readyz']) {
      server.get(path, async (_request, reply) => {
        const answer = await answerOperations(path, () => this.readiness.read());
        return reply
          .status(answer?.status ?? 404)
          .type(answer?.type ?? 'application/json')
          .send(answer?.body);
      });
    }
  }

  private async answer(operation: Operation, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const begunMs = performance.now();
    void reply.raw.once('finish', () =>
      answered.observe({ operation: operation.id, status: reply.statusCode }, (performance.now() - begunMs) / 1000),
    );
    requireRelease(request, reply);
    const given = operation.method === 'GET' || operation.method === 'DELETE' ? request.query : (request.body ?? {});
    const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
    if (!isObject) throw new ProblemError(400, 'invalid_input', 'the request body must be a JSON object');
    const asked = { ...given, ...(request.params as object) };
    const input = operation.input.safeParse(asked);
    if (!input.success) throw invalidInput(input.error, asked);
    const result = await this.call(operation, input.data, request, reply);
    return reply
      .status(operation.creates === true ? 201 : 200)
      .header('x-request-id', request.id)
      .header('cache-control', 'no-store')
      .send(result);
  }

  /** Calls the operation with the caller's own token; of a sign-in for a cookie, and of the end of its login, it writes the cookie. */
  private async call(
    operation: Operation,
    input: InputOf<Operation>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> {
    const forCookie = operation === logIn && wantsCookie(request);
    if (forCookie) assertSameOrigin(request, this.clients);
    const { token, fromCookie } = callerToken(request, reply, operation, this.cookie, this.clients);
    try {
      const result = await this.bus.call(operation, input, {
        token,
        requestId: request.id,
        idempotencyKey: header(request, 'idempotency-key'),
        clientAddress: this.clients.ofRequest(request),
      });
      if (operation === logOut && fromCookie) this.cookie.clear(request, reply);
      return forCookie ? this.keepInCookie(logIn.output.parse(result), request, reply) : result;
    } catch (error) {
      if (fromCookie && error instanceof ProblemError && error.problem.status === 401) this.cookie.clear(request, reply);
      throw error;
    }
  }

  /** The answer to a sign-in without its token, which goes into the cookie. */
  private keepInCookie({ token, ...login }: OutputOf<typeof logIn>, request: FastifyRequest, reply: FastifyReply): object {
    if (token !== undefined) this.cookie.set(request, reply, token, login.expiresAt);
    return login;
  }
}

/** The id of a request: the caller's if it sends a well-formed one, otherwise a new one. */
export function requestIdOf(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w-]{8,80}$/.test(given) ? given : randomUUID();
}
