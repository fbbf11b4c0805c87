import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Bus } from '@sluice/messaging';
import { identifyAtRegistry, BusStrategy, PassThroughFilter, noteAtRegistry } from '@sluice/messaging/nest';
import { openDatabase } from '@sluice/persistence';
import { type Log, nestLog, runService, type RunningService } from '@sluice/process';
import { AuditModule } from './audit.module.js';
import { AuditConfig } from './config.js';
import { RecordsFacts } from './ingest/records.facts.js';

async function start(config: AuditConfig, log: Log): Promise<RunningService> {
  const [database, bus] = await Promise.all([
    openDatabase({ url: config.databaseUrl, schema: 'audit', tables: [] }),
    Bus.connect({
      servers: config.natsServers,
      user: 'audit',
      ...config.bus,
      onStatus: (up, detail) => log.warn({ up, detail }, 'bus'),
    }),
  ]);
  const strategy = new BusStrategy(
    bus,
    identifyAtRegistry(bus),
    ({ operation, requestId, error }) => log.error({ operation, requestId, err: error }, 'could not answer'),
    noteAtRegistry(bus),
  );
  const app = await NestFactory.createMicroservice(AuditModule.with(config, database, bus), {
    strategy,
    logger: nestLog(log),
    abortOnError: false,
  });
  app.useGlobalFilters(new PassThroughFilter());
  await app.listen();
  const records = app.get(RecordsFacts);
  records.start(log);
  return {
    ready: async () => {
      const answers = await database.query('select 1').then(
        () => true,
        () => false,
      );
      return {
        problems: answers ? [] : ['PostgreSQL does not answer'],
        degraded: records.troubles,
      };
    },
    stop: async () => {
      await records.stop();
      await app.close();
      await bus.close();
      await database.destroy();
    },
  };
}

await runService('audit', AuditConfig, start);
