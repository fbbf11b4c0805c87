import { randomUUID } from 'node:crypto';
import { gatewayPresence, PRESENCE_LIMIT_MS } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import { TestStores } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Presence } from './presence.js';

let stores: TestStores;
let gateway: Bus;
let registry: Bus;
beforeAll(async () => {
  stores = await TestStores.start({ postgres: false });
  [gateway, registry] = await Promise.all([stores.join('gateway'), stores.join('registry')]);
}, 60_000);
afterAll(async () => {
  await Promise.all([gateway.close(), registry.close()]);
  await stores.stop();
});
afterEach(() => void vi.useRealTimers());

const HERE = { name: 'gateway', sessions: 0, draining: false, address: '127.0.0.1:1' };

it('limits the number of gateways, however many ids one of them publishes, and drops silent ones first', async () => {
  const presence = new Presence(registry);
  presence.onModuleInit();
  await registry.connection.flush();
  const real = randomUUID();
  const publish = (id: string) => gateway.publish(gatewayPresence(id), HERE);
  publish(real);
  for (let i = 0; i < 3000; i++) publish(randomUUID());
  await gateway.connection.flush();
  await expect.poll(() => presence.lastSeen.length).toBe(1000);
  await registry.connection.flush();
  expect(presence.lastSeen).toHaveLength(1000);
  expect(presence.isHere({ id: real, kind: 'gateway' })).toBe(true);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + PRESENCE_LIMIT_MS + 1000 });
  const another = randomUUID();
  publish(another);
  await gateway.connection.flush();
  await vi.waitFor(() => expect(presence.isHere({ id: another, kind: 'gateway' })).toBe(true), 5000);
  expect(presence.lastSeen).toHaveLength(1);
});
