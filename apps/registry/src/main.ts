import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Bus } from '@sluice/messaging';
import { BusStrategy, PassThroughFilter } from '@sluice/messaging/nest';
import { openDatabase } from '@sluice/persistence';
import { type Log, nestLog, runService, type RunningService } from '@sluice/process';
import { AccountTable } from './account/account.table.js';
import { Changes } from './change/change.js';
import { RegistryConfig } from './config.js';
import { actorOfToken } from './login/logins.js';
import { AbsentWorkers } from './node/absent-workers.js';
import { NodeTable } from './node/node.table.js';
import { Presence } from './presence/presence.js';
import { firstStart } from './bootstrap/first-start.js';
import { Organization } from './organization/organization.js';
import { Publisher } from './policy/publisher.js';
import { noteDeniedCall } from './refusal/note-refusal.js';
import { RegistryModule } from './registry.module.js';
import { HealthView } from './resource/health-view.js';
import { ResourceTable } from './resource/resource.table.js';

async function start(config: RegistryConfig, log: Log): Promise<RunningService> {
  const warn = (why: string) => log.warn(why);
  const tables = [AccountTable, NodeTable, ResourceTable];
  const [database, bus] = await Promise.all([
    openDatabase({ url: config.databaseUrl, schema: 'registry', tables }),
    Bus.connect({
      servers: config.natsServers,
      user: 'registry',
      ...config.bus,
      onStatus: (up, detail) => log.warn({ up, detail }, 'bus'),
    }),
  ]);
  const strategy = new BusStrategy(
    bus,
    ({ token, clientAddress }) => actorOfToken(database, token, clientAddress),
    ({ operation, requestId, error }) => log.error({ operation, requestId, err: error }, 'could not answer'),
    ({ actor, operation, caller }) => noteDeniedCall(database, actor, operation.id, caller.clientAddress),
  );
  const app = await NestFactory.createMicroservice(RegistryModule.with(config, database, bus), {
    strategy,
    logger: nestLog(log),
    abortOnError: false,
  });
  app.useGlobalFilters(new PassThroughFilter());
  await app.get(Organization).load();
  await firstStart(database, app.get(Changes), app.get(Organization), config);
  app.get(Presence).start();
  app.get(HealthView).start(warn);
  app.get(Publisher).start(warn);
  app.get(AbsentWorkers).start(warn);
  await app.listen();
  return {
    ready: async () => {
      const answers = await database.query('select 1').then(
        () => true,
        () => false,
      );
      const { trouble } = app.get(Publisher);
      return {
        problems: answers ? [] : ['PostgreSQL does not answer'],
        degraded: [
          ...(bus.connected ? [] : ['NATS is away']),
          ...(trouble === undefined ? [] : [`the policy is not published: ${trouble}`]),
        ],
      };
    },
    stop: async () => {
      app.get(AbsentWorkers).stop();
      app.get(HealthView).stop();
      await app.get(Publisher).stop();
      await app.close();
      await bus.close();
      await database.destroy();
    },
  };
}

await runService('registry', RegistryConfig, start);
