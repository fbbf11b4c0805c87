import { Test } from '@nestjs/testing';
import { AUDIT_STREAM } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { busServer, listenOnBus } from '@sluice/messaging/nest';
import { createLog, nestLog } from '@sluice/process';
import { serviceOf } from '@sluice/process/nest';
import { OpenHandles, TestStores } from '@sluice/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuditModule } from './audit.module.js';
import { AuditConfig } from './config.js';

const WITHIN = { timeout: 20_000, interval: 50 };
const log = createLog('audit', 'silent');

let stores: TestStores;
beforeAll(async () => void (stores = await TestStores.start()), 60_000);
afterAll(() => stores.stop());

async function start() {
  const config = new AuditConfig(stores.environmentOf('audit'));
  const module = await Test.createTestingModule({ imports: [AuditModule.with(config, log)] })
    .setLogger(nestLog(log))
    .compile();
  const app = await listenOnBus(module.createNestMicroservice(busServer(log)));
  return { app, ...serviceOf(app) };
}

it('creates the stream of facts, is ready, closes the bus last when it stops, and leaves nothing open', async () => {
  const handles = new OpenHandles();
  const audit = await start();
  const [bus, database] = [audit.app.get(Bus), audit.app.get(DataSource)];
  const openAtTheEnd = bus.connection.closed().then(() => database.isInitialized);
  await expect.poll(() => bus.manager.streams.info(AUDIT_STREAM).catch(() => undefined), WITHIN).toBeDefined();
  expect(await audit.ready()).toEqual({ problems: [], degraded: [] });
  await audit.stop();
  expect(await openAtTheEnd).toBe(false);
  expect(await handles.left()).toEqual([]);
}, 30_000);

it('reports that facts wait while the bus is unreachable, and stops nevertheless', async () => {
  const handles = new OpenHandles();
  const audit = await start();
  await stores.stopBus();
  const degraded = expect.arrayContaining(['NATS is not connected', 'facts wait: NATS is not connected']) as string[];
  await expect.poll(audit.ready, WITHIN).toMatchObject({ problems: [], degraded });
  await audit.stop();
  expect(await handles.left()).toEqual([]);
  await stores.startBus();
}, 30_000);
