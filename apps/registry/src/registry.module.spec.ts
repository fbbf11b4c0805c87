import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Test } from '@nestjs/testing';
import { GATEWAY_BUCKET, HEARTBEAT_KEY, logIn } from '@sluice/contracts';
import { Bus, readBucket } from '@sluice/messaging';
import { busServer, listenOnBus } from '@sluice/messaging/nest';
import { createLog, nestLog } from '@sluice/process';
import { serviceOf } from '@sluice/process/nest';
import { OpenHandles, TestStores } from '@sluice/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RegistryConfig } from './config.js';
import { RegistryModule } from './registry.module.js';

const ADMINISTRATOR = { email: 'admin@example.test', password: 'correct horse battery staple' };
const WITHIN = { timeout: 20_000, interval: 50 };
const log = createLog('registry', 'silent');
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-registry-'));
const passwordFile = path.join(folder, 'password');
const tokenFile = path.join(folder, 'first-node-token');
writeFileSync(passwordFile, ADMINISTRATOR.password);

let stores: TestStores;
beforeAll(async () => void (stores = await TestStores.start()), 60_000);
afterAll(async () => {
  await stores.stop();
  rmSync(folder, { recursive: true });
});

async function start(of = stores) {
  const config = new RegistryConfig({
    ...of.environmentOf('registry'),
    SLUICE_FIRST_ADMIN_EMAIL: ADMINISTRATOR.email,
    SLUICE_FIRST_ADMIN_PASSWORD_FILE: passwordFile,
    SLUICE_FIRST_NODE_TOKEN_FILE: tokenFile,
  });
  const module = await Test.createTestingModule({ imports: [RegistryModule.with(config, log)] })
    .setLogger(nestLog(log))
    .compile();
  const app = await listenOnBus(module.createNestMicroservice(busServer(log)));
  return { app, ...serviceOf(app) };
}

async function keysOf(bus: Bus, bucket: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of readBucket(bus, bucket)) keys.push(key);
  return keys;
}

it('creates the first administrator and relay token before it handles requests, and publishes the policy', async () => {
  const [registry, gateway] = await Promise.all([start(), stores.join('gateway')]);
  expect(existsSync(tokenFile)).toBe(true);
  const login = await gateway.call(logIn, ADMINISTRATOR, { requestId: 'first' });
  expect(login.account).toMatchObject({ email: ADMINISTRATOR.email, apiRole: 'administrator' });
  await expect.poll(registry.ready, WITHIN).toEqual({ problems: [], degraded: [] });
  await expect.poll(() => keysOf(gateway, GATEWAY_BUCKET).catch(() => []), WITHIN).toContain(HEARTBEAT_KEY);
  await Promise.all([registry.stop(), gateway.close()]);
}, 30_000);

it('creates them once if several registries start at the same time', async () => {
  const other = await TestStores.start();
  try {
    const registries = await Promise.all([start(other), start(other)]);
    const accounts = await registries[0].app.get(DataSource).query<{ email: string }[]>('select email from account');
    expect(accounts).toEqual([{ email: ADMINISTRATOR.email }]);
    await Promise.all(registries.map((registry) => registry.stop()));
  } finally {
    await other.stop();
  }
}, 60_000);

it('completes requests that have arrived when it stops, closes the bus last and leaves nothing open', async () => {
  const gateway = await stores.join('gateway');
  const handles = new OpenHandles();
  const registry = await start();
  const [bus, database] = [registry.app.get(Bus), registry.app.get(DataSource)];
  const openAtTheEnd = bus.connection.closed().then(() => database.isInitialized);
  const answer = gateway.call(logIn, ADMINISTRATOR, { requestId: 'last' });
  await gateway.connection.flush(); // the request has left
  await bus.connection.flush(); // and has arrived; its password is being checked
  await registry.stop();
  expect((await answer).account.email).toBe(ADMINISTRATOR.email);
  expect(await openAtTheEnd).toBe(false);
  expect(await handles.left()).toEqual([]);
  await gateway.close();
}, 30_000);

it('is degraded while the bus is unreachable, and stops nevertheless', async () => {
  const handles = new OpenHandles();
  const registry = await start();
  await stores.stopBus();
  const degraded = expect.arrayContaining(['NATS is not connected']) as string[];
  await expect.poll(registry.ready, WITHIN).toMatchObject({ problems: [], degraded });
  await registry.stop();
  expect(await handles.left()).toEqual([]);
  await stores.startBus();
}, 30_000);
