import 'reflect-metadata';
import { startBusService } from '@sluice/messaging/nest';
import { nestLog, runService } from '@sluice/process';
import { serviceOf } from '@sluice/process/nest';
import { AuditConfig } from './config.js';
import { AuditModule } from './audit.module.js';

await runService('audit', AuditConfig, async (config, log) =>
  serviceOf(await startBusService(AuditModule.with(config, log), log, nestLog(log))),
);
