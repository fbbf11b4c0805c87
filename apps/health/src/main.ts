import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Bus } from '@sluice/messaging';
import { identifyAtRegistry, BusStrategy, PassThroughFilter, noteAtRegistry } from '@sluice/messaging/nest';
import { type Log, nestLog, runService, type RunningService } from '@sluice/process';
import { HealthConfig } from './config.js';
import { HealthModule } from './health.module.js';
import { HealthWatch } from './health/health-watch.js';

async function start(config: HealthConfig, log: Log): Promise<RunningService> {
  const bus = await Bus.connect({
    servers: config.natsServers,
    user: 'health',
    ...config.bus,
    onStatus: (up, detail) => log.warn({ up, detail }, 'bus'),
  });
  const strategy = new BusStrategy(
    bus,
    identifyAtRegistry(bus),
    ({ operation, requestId, error }) => log.error({ operation, requestId, err: error }, 'could not answer'),
    noteAtRegistry(bus),
  );
  const app = await NestFactory.createMicroservice(HealthModule.with(config, bus), {
    strategy,
    logger: nestLog(log),
    abortOnError: false,
  });
  app.useGlobalFilters(new PassThroughFilter());
  await app.listen();
  await app.get(HealthWatch).start(log);
  return {
    ready: () => ({ problems: [], degraded: bus.connected ? [] : ['NATS is away'] }),
    stop: async () => {
      app.get(HealthWatch).stop();
      await app.close();
      await bus.close();
    },
  };
}

await runService('health', HealthConfig, start);
