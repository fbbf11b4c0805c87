import 'reflect-metadata';
import { startBusService } from '@sluice/messaging/nest';
import { nestLog, runService } from '@sluice/process';
import { serviceOf } from '@sluice/process/nest';
import { HealthConfig } from './config.js';
import { HealthModule } from './health.module.js';

await runService('health', HealthConfig, async (config, log) =>
  serviceOf(await startBusService(HealthModule.with(config, log), log, nestLog(log))),
);
