import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { BusModule } from '@sluice/messaging/nest';
import { Log } from '@sluice/process';
import { ServiceReadiness } from '@sluice/process/nest';
import { ClientAddress } from './api/client-address.js';
import { InstallRoutes } from './api/install-routes.http.js';
import { OperationRoutes } from './api/operation-routes.http.js';
import { ProblemFilter } from './api/problems.http.js';
import { GatewayConfig } from './config.js';
import { GatewayTunnel } from './tunnel/gateway-tunnel.js';

const API: Provider[] = [
  {
    provide: ClientAddress,
    inject: [GatewayConfig, Log],
    useFactory: ({ trustedProxies }: GatewayConfig, log: Log) => new ClientAddress(trustedProxies, log),
  },
  { provide: APP_FILTER, useClass: ProblemFilter },
  InstallRoutes,
  OperationRoutes,
];

/**
 * The gateway lets in: the API over HTTP with the agent's package, and the tunnel port where agents and relays meet. It is
 * one of these halves, or both, which share nothing but the bus. It carries credentials and ciphertext, vouches for nobody,
 * never dials a resource, and has no database.
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
        ServiceReadiness,
      ],
    };
  }
}
