import '@sluice/process/tune';
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type NodePresent, PRESENCE_INTERVAL_MS, relaySubjects } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { type Log, nestLog, runService, type RunningService } from '@sluice/process';
import type { AddressInfo } from 'node:net';
import { OperationRoutes, requestIdOf } from './api/operation-routes.http.js';
import { ProblemFilter } from './api/problems.http.js';
import { GatewayConfig } from './config.js';
import { GatewayModule } from './gateway.module.js';
import { GatewayIdentity } from './node/gateway-identity.js';
import { GatewayPolicy } from './policy/gateway-policy.js';
import { TunnelPort } from './tunnel/tunnel-port.js';

const BODY_LIMIT = 64 * 1024;
/** Nobody may take long to say what they want, and so many at once may try. */
const HTTP_LIMITS = { headersTimeout: 5000, requestTimeout: 15_000, connectionsCheckingInterval: 1000 };
const MOST_HTTP_CONNECTIONS = 5000;

async function start(config: GatewayConfig, log: Log): Promise<RunningService> {
  const bus = await Bus.connect({
    servers: config.natsServers,
    user: 'gateway',
    ...config.bus,
    onStatus: (up, detail) => log.warn({ up, detail }, 'bus'),
  });
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    genReqId: requestIdOf,
    trustProxy: config.behindProxy,
    ...(config.tls ? { https: { ...config.tls, ...HTTP_LIMITS } } : { http: HTTP_LIMITS }),
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.with(config, bus), adapter, {
    logger: nestLog(log),
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(log));
  const policy = app.get(GatewayPolicy);
  policy.start((why) => log.warn(why));
  let identity: GatewayIdentity | undefined;
  const whoWeAre = () => {
    if (!identity) throw new Error('this gateway is not registered yet');
    return identity;
  };
  const tunnel = new TunnelPort(config, whoWeAre, policy, log);
  await tunnel.listen();
  const address = config.advertised ?? `${config.tunnel.host}:${tunnel.port}`;
  identity = await GatewayIdentity.register(bus, { name: config.name, address }, log);
  const ready = () => ({
    problems: [
      ...(tunnel.listening ? [] : ['the tunnel port is closed']),
      ...(whoWeAre().valid ? [] : ['the gateway certificate has ended']),
    ],
    degraded: [...(bus.connected ? [] : ['NATS is away']), ...(tunnel.relayCount > 0 ? [] : ['no relay is here'])],
  });
  app.get(OperationRoutes).register(log, ready);
  app.getHttpServer().maxConnections = MOST_HTTP_CONNECTIONS;
  await app.listen(config.http.port, config.http.host);
  const presence = tellPresence(bus, { nodeId: whoWeAre().nodeId, name: config.name, address }, tunnel);
  return {
    announce: {
      httpPort: (app.getHttpServer().address() as AddressInfo).port,
      tunnelPort: tunnel.port,
      nodeId: whoWeAre().nodeId,
    },
    ready,
    stop: async () => {
      clearInterval(presence);
      await app.close();
      await tunnel.drain(config.drainMs);
      policy.stop();
      whoWeAre().stop();
      await bus.close();
    },
  };
}

function tellPresence(bus: Bus, self: { nodeId: string; name: string; address: string }, tunnel: TunnelPort): NodeJS.Timeout {
  const tell = () => {
    const told: NodePresent = { ...self, kind: 'gateway', cluster: null, sessions: tunnel.linkCount, draining: false };
    bus.tell(relaySubjects(self.nodeId).present, told);
  };
  tell();
  return setInterval(tell, PRESENCE_INTERVAL_MS);
}

await runService('gateway', GatewayConfig, start);
