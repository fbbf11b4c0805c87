import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { BusModule } from '@sluice/messaging/nest';
import { Log } from '@sluice/process';
import { ServiceReadiness } from '@sluice/process/nest';
import { AuditWatch } from './audit/audit-watch.js';
import { ClientAddress } from './client/client-address.js';
import { ConsoleRoutes } from './api/console-routes.http.js';
import { EventRoutes } from './api/event-routes.http.js';
import { InstallRoutes } from './api/install-routes.http.js';
import { OperationRoutes } from './api/operation-routes.http.js';
import { ProblemFilter } from './api/problems.http.js';
import { GatewayConfig } from './config.js';
import { EventStreams } from './events/event-streams.js';
import { GatewayTunnel } from './tunnel/gateway-tunnel.js';

const API: Provider[] = [
  {
    provide: ClientAddress,
    inject: [GatewayConfig, Log],
    useFactory: ({ trustedProxies }: GatewayConfig, log: Log) => new ClientAddress(trustedProxies, log),
  },
  { provide: APP_FILTER, useClass: ProblemFilter },
  InstallRoutes,
  ConsoleRoutes,
  EventStreams,
  EventRoutes,
  OperationRoutes,
];

/**
 * The gateway is the entrance to Sluice. It serves the API, the console and the agent's package over HTTP, and the tunnel port
 * where agents and relays meet. A process runs one of these parts or both; they share nothing but the bus. The gateway passes on credentials
 * and ciphertext; it does not authenticate API callers, never dials a resource, and has no database.
 */
@Module({})
export class GatewayModule {
  static with(config: GatewayConfig, log: Log): DynamicModule {
    return {
      module: GatewayModule,
      imports: [BusModule.connect({ servers: config.natsServers, user: 'gateway', ...config.bus }, log)],
      providers: [
        { provide: GatewayConfig, useValue: config },
        { provide: Log, useValue: log },
        ...(config.parts.includes('tunnel') ? [GatewayTunnel] : []),
        ...(config.parts.includes('api') ? API : []),
        AuditWatch,
        ServiceReadiness,
      ],
    };
  }
}
