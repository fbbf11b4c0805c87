import { type DynamicModule, Module } from '@nestjs/common';
import { BusModule, Callers, CallersAtRegistry } from '@sluice/messaging/nest';
import { DatabaseModule } from '@sluice/persistence/nest';
import { Log } from '@sluice/process';
import { ServiceReadiness } from '@sluice/process/nest';
import { ChainsRpc } from './chain/chains.rpc.js';
import { AuditConfig } from './config.js';
import { DeliveryRpc } from './delivery/delivery.rpc.js';
import { PresentRelays } from './delivery/present-relays.js';
import { RecordsFacts } from './ingest/records.facts.js';
import { MIGRATIONS } from './migrations/migrations.js';
import { OverviewRpc } from './overview/overview.rpc.js';
import { RetentionRpc } from './retention/retention.rpc.js';
import { QuarantineRpc } from './quarantine/quarantine.rpc.js';
import { OcsfFacts } from './siem/ocsf.facts.js';
import { ReaderConsumers } from './siem/reader-consumers.js';
import { SiemRpc } from './siem/siem.rpc.js';
import { SessionsRpc } from './session/sessions.rpc.js';

/**
 * The audit service stores every fact exactly as it was received, combines them into one record per session, and searches the
 * records. It makes no decisions about sessions, and its database role does not let it change a stored fact.
 */
@Module({})
export class AuditModule {
  static with(config: AuditConfig, log: Log): DynamicModule {
    return {
      module: AuditModule,
      imports: [
        DatabaseModule.open({ url: config.databaseUrl, schema: 'audit', tables: [], migrations: MIGRATIONS }),
        BusModule.connect({ servers: config.natsServers, user: 'audit', ...config.bus, replicas: config.busReplicas }, log),
      ],
      controllers: [SessionsRpc, OverviewRpc, QuarantineRpc, ChainsRpc, DeliveryRpc, SiemRpc, RetentionRpc],
      providers: [
        { provide: AuditConfig, useValue: config },
        { provide: Log, useValue: log },
        { provide: Callers, useClass: CallersAtRegistry },
        PresentRelays,
        RecordsFacts,
        ReaderConsumers,
        OcsfFacts,
        ServiceReadiness,
      ],
    };
  }
}
