import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { nestLog, runService, runTask } from '@sluice/process';
import { serviceOf } from '@sluice/process/nest';
import { ExportConfig } from './config.js';
import { ExportModule } from './export.module.js';
import { readArguments, USAGE } from './read-arguments.js';
import { runTrial } from './trial/run-trial.js';

let isTask = true;
await runTask('export', async () => {
  const { help, test } = readArguments(process.argv.slice(2));
  isTask = help || test;
  if (help) console.log(USAGE.trimEnd());
  else if (test) await runTrial(new ExportConfig(process.env), (line) => console.log(line));
});
if (isTask) process.exit();
await runService('export', ExportConfig, async (config, log) =>
  serviceOf(
    await NestFactory.createApplicationContext(ExportModule.with(config, log), { logger: nestLog(log), abortOnError: false }),
  ),
);
