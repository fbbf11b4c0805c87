import { type DynamicModule, Module } from '@nestjs/common';
import { Bus } from '@sluice/messaging';
import { HealthConfig } from './config.js';
import { HealthWatch } from './health/health-watch.js';
import { HealthRpc } from './health/health.rpc.js';

/**
 * The health service watches: it hears how sessions' dials went, asks relays to probe what is quiet, and shows per node
 * whether a resource is reached. It dials nothing itself and has no database. One copy runs.
 */
@Module({})
export class HealthModule {
  static with(config: HealthConfig, bus: Bus): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthRpc],
      providers: [{ provide: HealthConfig, useValue: config }, { provide: Bus, useValue: bus }, HealthWatch],
    };
  }
}
