import { type DynamicModule, Module } from '@nestjs/common';
import type { Log } from '@sluice/process';
import { RelayConfig } from './config.js';
import { NodeIdentity } from './node/node-identity.js';
import { Relay } from './relay.js';

/**
 * A relay reaches: it dials out to gateways, ends the agents' TLS, decides access from its own copy of the policy, dials
 * resources, counts, and journals what happened before it is published. It has no port for sessions, no database
 * credentials, and cannot change the policy. More copies carry more.
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
