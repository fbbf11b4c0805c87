import { type DynamicModule, Module } from '@nestjs/common';
import { Bus } from '@sluice/messaging';
import { DataSource } from 'typeorm';
import { UsersRpc } from './account/users.rpc.js';
import { ActivitiesRpc } from './activity/activities.rpc.js';
import { ClustersRpc } from './cluster/clusters.rpc.js';
import { Changes } from './change/change.js';
import { PolicyReach } from './presence/policy-reach.js';
import { RegistryConfig } from './config.js';
import { KnownAddresses } from './login/known-addresses.js';
import { LoginsRpc } from './login/logins.rpc.js';
import { PasswordsRpc } from './login/passwords.rpc.js';
import { SignIn } from './login/sign-in.js';
import { SignInLimits } from './login/sign-in-limits.js';
import { SignInTurns } from './login/sign-in-turns.js';
import { AbsentWorkers } from './node/absent-workers.js';
import { NodesRpc } from './node/nodes.rpc.js';
import { Presence } from './presence/presence.js';
import { Organization } from './organization/organization.js';
import { Publisher } from './policy/publisher.js';
import { HealthView } from './resource/health-view.js';
import { ServersRpc } from './resource/servers.rpc.js';
import { RolesRpc } from './role/roles.rpc.js';
import { AttemptsRpc } from './attempt/attempts.rpc.js';
import { SessionsRpc } from './session/sessions.rpc.js';
import { SettingsRpc } from './settings/settings.rpc.js';

/**
 * The registry knows: resources, nodes, accounts, roles; it is the certificate authority, checks every token itself, and
 * publishes the policy. It does not decide a session, carries no byte of one, and keeps no session records.
 */
@Module({})
export class RegistryModule {
  static with(config: RegistryConfig, database: DataSource, bus: Bus): DynamicModule {
    return {
      module: RegistryModule,
      controllers: [
        AttemptsRpc,
        ActivitiesRpc,
        ClustersRpc,
        LoginsRpc,
        NodesRpc,
        PasswordsRpc,
        RolesRpc,
        ServersRpc,
        SessionsRpc,
        SettingsRpc,
        UsersRpc,
      ],
      providers: [
        { provide: RegistryConfig, useValue: config },
        { provide: DataSource, useValue: database },
        { provide: Bus, useValue: bus },
        AbsentWorkers,
        Changes,
        HealthView,
        KnownAddresses,
        Organization,
        PolicyReach,
        Presence,
        Publisher,
        SignIn,
        SignInLimits,
        SignInTurns,
      ],
    };
  }
}
