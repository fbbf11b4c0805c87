import path from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import { Bus } from '@sluice/messaging';
import { BusModule } from '@sluice/messaging/nest';
import { type Log, prepareFolder } from '@sluice/process';
import { ServiceReadiness } from '@sluice/process/nest';
import type { ExportConfig } from './config.js';
import { ExportDelivery } from './delivery/export-delivery.js';
import { Quarantine } from './delivery/quarantine.js';
import { RotatingFile } from './file/rotating-file.js';
import { makeDestination } from './make-destination.js';
import { ReaderEvents } from './reader/reader-events.js';

/** The quarantine's file: large enough for thousands of events, of which Sluice's own store has the content. */
const QUARANTINE = { maxBytes: 10 * 1024 * 1024, maxAgeMs: Infinity, keep: 5, lineStart: '{"at":' };

/**
 * An export delivers audit events to a destination that cannot read from NATS. It is a SIEM reader like any other: it has the
 * credentials of one, which allow nothing else, no database, and one destination. It changes nothing in Sluice, and neither the
 * records nor other exports wait for it. Copies of it share the reader's events.
 */
@Module({})
export class ExportModule {
  static with(config: ExportConfig, log: Log): DynamicModule {
    const { natsServers: servers, credentials, busCa: ca } = config;
    const { jwt, seed, publicKey } = credentials;
    return {
      module: ExportModule,
      imports: [BusModule.connect({ servers, user: publicKey, jwt, seed, ca }, log)],
      providers: [
        { provide: ExportDelivery, inject: [Bus], useFactory: (bus: Bus) => makeDelivery(bus, config, log) },
        ServiceReadiness,
      ],
    };
  }
}

async function makeDelivery(bus: Bus, config: ExportConfig, log: Log): Promise<ExportDelivery> {
  const { home, stream, credentials, maxEvents, collectMs, batchBytes } = config;
  prepareFolder('SLUICE_EXPORT_HOME', home);
  const quarantine = new Quarantine(await RotatingFile.open(path.join(home, 'quarantine.ndjson'), QUARANTINE), log);
  const destination = await makeDestination(config);
  log.info({ destination: destination.name }, 'exporting');
  const events = new ReaderEvents(bus, stream, credentials.publicKey, { maxEvents, maxBytes: batchBytes, collectMs });
  return new ExportDelivery({ events, destination, quarantine, batchBytes, log });
}
