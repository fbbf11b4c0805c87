import { type DynamicModule, Module } from '@nestjs/common';
import { Bus } from '@sluice/messaging';
import { InstallRoutes } from './api/install-routes.http.js';
import { OperationRoutes } from './api/operation-routes.http.js';
import { GatewayConfig } from './config.js';

/**
 * The gateway lets in: the API over HTTP and the agent's package, here, and the tunnel port where agents and relays meet. It carries credentials
 * and ciphertext, vouches for nobody, never dials a resource, and has no database.
 */
@Module({})
export class GatewayModule {
  static with(config: GatewayConfig, bus: Bus): DynamicModule {
    return {
      module: GatewayModule,
      providers: [{ provide: GatewayConfig, useValue: config }, { provide: Bus, useValue: bus }, OperationRoutes, InstallRoutes],
    };
  }
}
