import '@sluice/process/tune';
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { type Log, nestLog, runService, type RunningService, STOP_WITHIN_MS } from '@sluice/process';
import { RelayConfig } from './config.js';
import { NodeIdentity } from './node/node-identity.js';
import { Relay } from './relay.js';
import { RelayModule } from './relay.module.js';

async function start(config: RelayConfig, log: Log): Promise<RunningService> {
  const identity = await NodeIdentity.load(config, log);
  const app = await NestFactory.createApplicationContext(RelayModule.with(config, identity, log), {
    logger: nestLog(log),
    abortOnError: false,
  });
  const relay = app.get(Relay);
  return {
    announce: { nodeId: identity.credentials.nodeId, name: identity.credentials.name },
    ready: () => relay.ready(),
    stopWithinMs: config.drainMs + STOP_WITHIN_MS,
    hurry: () => relay.hurry(),
    stop: async () => {
      await relay.stop();
      await app.close();
    },
  };
}

await runService('relay', RelayConfig, start);
