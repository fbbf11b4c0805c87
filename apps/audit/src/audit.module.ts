import { type DynamicModule, Module } from '@nestjs/common';
import { Bus } from '@sluice/messaging';
import { DataSource } from 'typeorm';
import { AuditConfig } from './config.js';
import { RecordsFacts } from './ingest/records.facts.js';
import { QuarantineRpc } from './quarantine/quarantine.rpc.js';
import { SessionsRpc } from './session/sessions.rpc.js';

/**
 * The audit service remembers: it keeps every fact as it came, makes one record per session from them, and searches.
 * It decides nothing, ends nothing, and never changes a fact: its database role cannot.
 */
@Module({})
export class AuditModule {
  static with(config: AuditConfig, database: DataSource, bus: Bus): DynamicModule {
    return {
      module: AuditModule,
      controllers: [SessionsRpc, QuarantineRpc],
      providers: [
        { provide: AuditConfig, useValue: config },
        { provide: DataSource, useValue: database },
        { provide: Bus, useValue: bus },
        RecordsFacts,
      ],
    };
  }
}
