import { type DynamicModule, Module } from '@nestjs/common';
import { BusModule, Callers, CallersAtRegistry } from '@sluice/messaging/nest';
import { Log } from '@sluice/process';
import { ServiceReadiness } from '@sluice/process/nest';
import { HealthConfig } from './config.js';
import { HealthWatch } from './health/health-watch.js';
import { HealthRpc } from './health/health.rpc.js';

/**
 * The health service watches: it receives the results of sessions' dials, has relays probe resources without traffic, and publishes per node
 * whether a resource is reached. It dials nothing itself and has no database. One copy runs.
 */
@Module({})
export class HealthModule {
  static with(config: HealthConfig, log: Log): DynamicModule {
    return {
      module: HealthModule,
      imports: [BusModule.connect({ servers: config.natsServers, user: 'health', ...config.bus }, log)],
      controllers: [HealthRpc],
      providers: [
        { provide: HealthConfig, useValue: config },
        { provide: Log, useValue: log },
        { provide: Callers, useClass: CallersAtRegistry },
        HealthWatch,
        ServiceReadiness,
      ],
    };
  }
}
