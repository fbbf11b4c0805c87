import { Test } from '@nestjs/testing';
import { HEALTH_BUCKET } from '@sluice/contracts';
import { Bus, readBucket } from '@sluice/messaging';
import { busServer, listenOnBus } from '@sluice/messaging/nest';
import { createLog, nestLog } from '@sluice/process';
import { serviceOf } from '@sluice/process/nest';
import { OpenHandles, TestStores } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HealthConfig } from './config.js';
import { HealthModule } from './health.module.js';

const WITHIN = { timeout: 20_000, interval: 50 };
const log = createLog('health', 'silent');

let stores: TestStores;
beforeAll(async () => void (stores = await TestStores.start({ postgres: false })), 60_000);
afterAll(() => stores.stop());

async function start() {
  const config = new HealthConfig(stores.environmentOf('health'));
  const module = await Test.createTestingModule({ imports: [HealthModule.with(config, log)] })
    .setLogger(nestLog(log))
    .compile();
  const app = await listenOnBus(module.createNestMicroservice(busServer(log)));
  return { app, ...serviceOf(app) };
}

/** Reads the bucket as the registry does. @throws Error when it does not exist */
async function expectBucket(): Promise<void> {
  const registry = await stores.join('registry');
  for await (const entry of readBucket(registry, HEALTH_BUCKET)) expect(entry).toBeUndefined();
  await registry.close();
}

it('opens its bucket before it handles requests, is degraded while the bus is unreachable, and leaves nothing open', async () => {
  const handles = new OpenHandles();
  const health = await start();
  const bus = health.app.get(Bus);
  await expectBucket();
  expect(await health.ready()).toEqual({ problems: [], degraded: [] });
  await stores.stopBus();
  await expect.poll(health.ready, WITHIN).toEqual({ problems: [], degraded: ['NATS is not connected'] });
  await stores.startBus();
  await expect.poll(health.ready, WITHIN).toEqual({ problems: [], degraded: [] });
  await health.stop();
  expect(bus.connection.isClosed()).toBe(true);
  expect(await handles.left()).toEqual([]);
}, 30_000);
