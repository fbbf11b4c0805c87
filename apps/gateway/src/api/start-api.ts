import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Bus } from '@sluice/messaging';
import { type Log, nestLog, type Readiness } from '@sluice/process';
import type { AddressInfo } from 'node:net';
import type { GatewayConfig } from '../config.js';
import type { GatewayPart } from '../gateway-part.js';
import { GatewayModule } from '../gateway.module.js';
import { ClientAddress } from './client-address.js';
import { InstallRoutes } from './install-routes.http.js';
import { limitUnread } from './limit-unread.js';
import { limitWaiting } from './limit-waiting.js';
import { OperationRoutes, requestIdOf } from './operation-routes.http.js';
import { ProblemFilter } from './problems.http.js';

const BODY_LIMIT = 64 * 1024;
/** Nobody may take long to say what they want, and so many at once may try. */
const HTTP_LIMITS = { headersTimeout: 5000, requestTimeout: 15_000, connectionsCheckingInterval: 1000 };
const MOST_HTTP_CONNECTIONS = 5000;
/** Of these may wait for a whole head or a next request, and may not have read an answer: so many in all, and from one address where no proxy stands before. */
const MOST_WAITING = 2000;
const MOST_WAITING_OF_ONE = 500;
const MOST_WAITING_IN_FLOOD = 4000;
/** A connection may wait so long for its next request. */
const KEEP_ALIVE_MS = 15_000;

/** Serves the API over HTTP. `ready` is the answer of its `/readyz`, the whole gateway's. */
export async function startApi(config: GatewayConfig, bus: Bus, log: Log, ready: () => Readiness): Promise<GatewayPart> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    keepAliveTimeout: KEEP_ALIVE_MS,
    genReqId: requestIdOf,
    ...(config.tls ? { https: { ...config.tls, ...HTTP_LIMITS } } : { http: HTTP_LIMITS }),
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.with(config, bus), adapter, {
    logger: nestLog(log),
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(log));
  const clients = new ClientAddress(config.trustedProxies, log);
  const room = {
    most: MOST_WAITING,
    mostOfOne: config.trustedProxies.length > 0 ? MOST_WAITING : MOST_WAITING_OF_ONE,
    mostInFlood: MOST_WAITING_IN_FLOOD,
  };
  limitUnread(app.getHttpAdapter().getInstance(), room, (request) => clients.ofRequest(request)); // a hook counts for the routes that come after it
  app.get(OperationRoutes).register(log, ready, clients);
  app.get(InstallRoutes).register(log, clients);
  const server = app.getHttpServer();
  server.maxConnections = MOST_HTTP_CONNECTIONS;
  limitWaiting(server, room);
  await app.listen(config.http.port, config.http.host);
  return {
    announce: { httpPort: (app.getHttpServer().address() as AddressInfo).port },
    ready: () => ({ problems: [], degraded: [] }),
    stop: () => app.close(),
  };
}
