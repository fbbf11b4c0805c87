import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Log } from '@sluice/process';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AddressInfo } from 'node:net';
import { GatewayConfig } from '../config.js';
import { ClientAddress } from '../client/client-address.js';
import { limitUnread } from './limit-unread.js';
import { limitWaiting } from './limit-waiting.js';
import { requestIdOf } from './operation-routes.http.js';
import { answerProblem } from './problems.http.js';
import { requireTransportSecurity } from './strict-transport.js';
import { answerUnreadable, requireHost } from './unreadable-request.js';

const BODY_LIMIT = 64 * 1024;
/** How long a client may take to send a request, in milliseconds, and how often that is checked. */
const HTTP_LIMITS = { headersTimeout: 5000, requestTimeout: 15_000, connectionsCheckingInterval: 1000 };
/** A request without `Host` is refused by us, with a problem. */
const HTTP_OPTIONS = { ...HTTP_LIMITS, requireHostHeader: false };
const MAX_CONNECTIONS = 5000;
/**
 * How many connections may wait for a complete request head or for a next request, and how many may have an unread response:
 * in all, and per client address. Behind a proxy there is no limit per address, because all connections come from the proxy.
 */
const MAX_WAITING = 2000;
const MAX_WAITING_PER_ADDRESS = 500;
const MAX_WAITING_IN_FLOOD = 4000;
/** How long a connection may wait for its next request, in milliseconds. */
const KEEP_ALIVE_MS = 15_000;

/** The HTTP server, plain or TLS, on which Nest serves the API. */
export const httpAdapter = ({ tls }: Pick<GatewayConfig, 'tls'>, log: Log): FastifyAdapter =>
  new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    keepAliveTimeout: KEEP_ALIVE_MS,
    genReqId: requestIdOf,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => answerProblem(error, request, reply, log),
    clientErrorHandler: answerUnreadable,
    ...(tls ? { https: { ...tls, ...HTTP_OPTIONS } } : { http: HTTP_OPTIONS }),
  });

/** Limits the connections of an application that was made with `httpAdapter`, starts it and listens. */
export async function listenOnHttp(app: NestFastifyApplication, at: GatewayConfig['http']): Promise<void> {
  const { trustedProxies } = app.get(GatewayConfig);
  const clients = app.get(ClientAddress);
  const limits = {
    max: MAX_WAITING,
    maxOfOne: trustedProxies.length > 0 ? MAX_WAITING : MAX_WAITING_PER_ADDRESS,
    maxInFlood: MAX_WAITING_IN_FLOOD,
  };
  // before the routes are added, because a Fastify hook applies only to routes that are added after it
  requireTransportSecurity(app.getHttpAdapter().getInstance(), clients);
  requireHost(app.getHttpAdapter().getInstance());
  limitUnread(app.getHttpAdapter().getInstance(), limits, (request) => clients.ofRequest(request));
  const server = app.getHttpServer();
  server.maxConnections = MAX_CONNECTIONS;
  limitWaiting(server, limits);
  await app.listen(at.port, at.host);
}

/** The port that an application listens on. */
export const httpPortOf = (app: NestFastifyApplication): number => (app.getHttpServer().address() as AddressInfo).port;
