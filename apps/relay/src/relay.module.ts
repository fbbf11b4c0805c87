import { type DynamicModule, Module } from '@nestjs/common';
import type { Log } from '@sluice/process';
import { RelayConfig } from './config.js';
import { NodeIdentity } from './node/node-identity.js';
import { Relay } from './relay.js';

/**
 * A relay gives agents access to the resources of its network. It dials out to gateways, terminates the agents' TLS, decides
 * access from its own replica of the policy, dials resources, counts bytes, and writes facts to its journal before they are
 * published. It holds no database credentials and cannot change the policy. Relays of a cluster share the load.
 */
@Module({})
export class RelayModule {
  static with(config: RelayConfig, identity: NodeIdentity, log: Log): DynamicModule {
    return {
      module: RelayModule,
      providers: [
        { provide: RelayConfig, useValue: config },
        { provide: NodeIdentity, useValue: identity },
        { provide: Relay, useFactory: () => Relay.start(identity, config, log) },
      ],
    };
  }
}
