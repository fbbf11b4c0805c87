import '@sluice/process/tune';
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Log, nestLog, runService, type RunningService, STOP_WITHIN_MS } from '@sluice/process';
import { serviceOf } from '@sluice/process/nest';
import { httpAdapter, httpPortOf, listenOnHttp } from './api/http-server.js';
import { GatewayConfig } from './config.js';
import { GatewayModule } from './gateway.module.js';
import { GatewayTunnel } from './tunnel/gateway-tunnel.js';

/** Starts the configured parts. The tunnel port starts first, because the API may name it to agents as soon as it responds. */
async function start(config: GatewayConfig, log: Log): Promise<RunningService> {
  const module = GatewayModule.with(config, log);
  const options = { logger: nestLog(log), abortOnError: false };
  const hasApi = config.parts.includes('api');
  const api = hasApi ? await NestFactory.create<NestFastifyApplication>(module, httpAdapter(config, log), options) : undefined;
  if (api) await listenOnHttp(api, config.http);
  const app = api ?? (await NestFactory.createApplicationContext(module, options));
  const tunnel = config.parts.includes('tunnel') ? app.get(GatewayTunnel) : undefined;
  return {
    ...serviceOf(app),
    announce: { ...(api && { httpPort: httpPortOf(api) }), ...tunnel?.announcement },
    hurry: () => tunnel?.hurry(),
    stopWithinMs: config.drainMs + STOP_WITHIN_MS,
  };
}

await runService('gateway', GatewayConfig, start);
