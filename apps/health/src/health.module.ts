import { type DynamicModule, Module } from '@nestjs/common';
import { BusModule, Callers, CallersAtRegistry } from '@sluice/messaging/nest';
import { Log } from '@sluice/process';
import { ServiceReadiness } from '@sluice/process/nest';
import { HealthConfig } from './config.js';
import { HealthWatch } from './health/health-watch.js';
import { HealthRpc } from './health/health.rpc.js';

/**
 * The health service receives the results of sessions' dials, has relays probe resources without traffic, and publishes
 * from which nodes each resource can be reached. It dials nothing itself and has no database: what it knows is in a bucket,
 * which any number of copies share.
 */
@Module({})
export class HealthModule {
  static with(config: HealthConfig, log: Log): DynamicModule {
    return {
      module: HealthModule,
      imports: [
        BusModule.connect({ servers: config.natsServers, user: 'health', ...config.bus, replicas: config.busReplicas }, log),
      ],
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
