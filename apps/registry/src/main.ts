import 'reflect-metadata';
import { startBusService } from '@sluice/messaging/nest';
import { nestLog, runService } from '@sluice/process';
import { serviceOf } from '@sluice/process/nest';
import { RegistryConfig } from './config.js';
import { RegistryModule } from './registry.module.js';

await runService('registry', RegistryConfig, async (config, log) =>
  serviceOf(await startBusService(RegistryModule.with(config, log), log, nestLog(log))),
);
