import { type DynamicModule, Module } from '@nestjs/common';
import { BusModule, Callers } from '@sluice/messaging/nest';
import { DatabaseModule } from '@sluice/persistence/nest';
import { Log } from '@sluice/process';
import { ServiceReadiness } from '@sluice/process/nest';
import { AccessRpc } from './access/access.rpc.js';
import { AccountTable } from './account/account.table.js';
import { UsersRpc } from './account/users.rpc.js';
import { ActivitiesRpc } from './activity/activities.rpc.js';
import { FirstStart } from './bootstrap/first-start.js';
import { ClusterTable } from './cluster/cluster.table.js';
import { ClustersRpc } from './cluster/clusters.rpc.js';
import { Changes } from './change/change.js';
import { PolicyReach } from './presence/policy-reach.js';
import { RegistryConfig } from './config.js';
import { HoldsRpc } from './hold/holds.rpc.js';
import { KnownAddresses } from './login/known-addresses.js';
import { LoginsRpc } from './login/logins.rpc.js';
import { OwnCallers } from './login/own-callers.js';
import { PasswordsRpc } from './login/passwords.rpc.js';
import { SignIn } from './login/sign-in.js';
import { SignInLimits } from './login/sign-in-limits.js';
import { SignInQueues } from './login/sign-in-queues.js';
import { MIGRATIONS } from './migrations/migrations.js';
import { AbsentWorkers } from './node/absent-workers.js';
import { NodeTable } from './node/node.table.js';
import { RelayCredentials } from './node/relay-credentials.js';
import { NodesRpc } from './node/nodes.rpc.js';
import { NodeStates } from './presence/node-states.js';
import { Presence } from './presence/presence.js';
import { Workers } from './presence/workers.js';
import { Organization } from './organization/organization.js';
import { ServicesRpc } from './organization/services.rpc.js';
import { Publisher } from './policy/publisher.js';
import { HealthView } from './resource/health-view.js';
import { ResourceTable } from './resource/resource.table.js';
import { ServersRpc } from './resource/servers.rpc.js';
import { RoleTable } from './role/role.table.js';
import { RolesRpc } from './role/roles.rpc.js';
import { AuthoritiesRpc } from './authority/authorities.rpc.js';
import { AttemptsRpc } from './attempt/attempts.rpc.js';
import { SiemReadersRpc } from './siem/siem-readers.rpc.js';
import { SessionsRpc } from './session/sessions.rpc.js';
import { SettingsRpc } from './settings/settings.rpc.js';

/**
 * The registry owns resources, nodes, accounts and roles. It is the certificate authority, authenticates every API caller, and
 * publishes the policy. It does not decide about sessions, carries none of their bytes, and keeps no session records.
 */
@Module({})
export class RegistryModule {
  static with(config: RegistryConfig, log: Log): DynamicModule {
    const tables = [AccountTable, ClusterTable, NodeTable, ResourceTable, RoleTable];
    return {
      module: RegistryModule,
      imports: [
        DatabaseModule.open({ url: config.databaseUrl, schema: 'registry', tables, migrations: MIGRATIONS }),
        BusModule.connect({ servers: config.natsServers, user: 'registry', ...config.bus, replicas: config.busReplicas }, log),
      ],
      controllers: [
        AccessRpc,
        AttemptsRpc,
        AuthoritiesRpc,
        ActivitiesRpc,
        ClustersRpc,
        HoldsRpc,
        LoginsRpc,
        NodesRpc,
        PasswordsRpc,
        RolesRpc,
        ServersRpc,
        ServicesRpc,
        SessionsRpc,
        SettingsRpc,
        SiemReadersRpc,
        UsersRpc,
      ],
      providers: [
        { provide: RegistryConfig, useValue: config },
        { provide: Log, useValue: log },
        { provide: Callers, useClass: OwnCallers },
        AbsentWorkers,
        Changes,
        FirstStart,
        HealthView,
        KnownAddresses,
        NodeStates,
        Organization,
        PolicyReach,
        Presence,
        Publisher,
        RelayCredentials,
        ServiceReadiness,
        SignIn,
        SignInLimits,
        SignInQueues,
        Workers,
      ],
    };
  }
}
