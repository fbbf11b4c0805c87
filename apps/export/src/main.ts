import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { nestLog, runService, runTask } from '@sluice/process';
import { serviceOf } from '@sluice/process/nest';
import { ExportConfig } from './config.js';
import { ExportModule } from './export.module.js';
import { runTrial } from './trial/run-trial.js';

if (process.argv.includes('--test')) {
  await runTask('export', () => runTrial(new ExportConfig(process.env), (line) => console.log(line)));
  process.exit();
}
await runService('export', ExportConfig, async (config, log) =>
  serviceOf(
    await NestFactory.createApplicationContext(ExportModule.with(config, log), { logger: nestLog(log), abortOnError: false }),
  ),
);
