import type { DynamicModule, INestMicroservice, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { Bus } from './bus/bus.js';
import type { BusLog } from './bus.module.js';
import { BusStrategy, PassThroughFilter } from './bus-strategy.js';
import { Callers } from './callers.js';

/** How a Nest application responds to operations on the bus. Its module imports `BusModule` and provides `Callers`. */
export const busServer = (log: BusLog): AsyncMicroserviceOptions => ({
  inject: [Bus, Callers],
  useFactory: (bus: Bus, callers: Callers) => ({
    strategy: new BusStrategy(bus, callers, ({ error, ...about }) =>
      log.error({ ...about, err: error }, 'an operation failed unexpectedly'),
    ),
  }),
});

/**
 * Starts an application that handles operations on the bus.
 *
 *   onModuleInit ──► onApplicationBootstrap ──► operations are handled
 *   no new operations, those under way finish ──► beforeApplicationShutdown ──► onApplicationShutdown: connections, the bus last
 */
export async function listenOnBus(app: INestMicroservice): Promise<INestMicroservice> {
  app.useGlobalFilters(new PassThroughFilter());
  await app.listen();
  return app;
}

/** Makes and starts a service from its module. @param logger where Nest itself logs to */
export async function startBusService(module: DynamicModule, log: BusLog, logger: LoggerService): Promise<INestMicroservice> {
  const options = { ...busServer(log), logger, abortOnError: false };
  return listenOnBus(await NestFactory.createMicroservice<AsyncMicroserviceOptions>(module, options));
}
