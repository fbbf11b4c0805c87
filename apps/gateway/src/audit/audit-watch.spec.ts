import { randomUUID } from 'node:crypto';
import { AUDIT_STATUS, AUDIT_STATUS_LIMIT_MS, type AuditTrouble } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import { TestStores } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { AuditWatch } from './audit-watch.js';

let stores: TestStores;
let gateway: Bus;
let audit: Bus;
beforeAll(async () => {
  stores = await TestStores.start({ postgres: false });
  [gateway, audit] = await Promise.all([stores.join('gateway'), stores.join('audit')]);
}, 60_000);
afterEach(() => void vi.useRealTimers());
afterAll(async () => {
  await Promise.all([gateway.close(), audit.close()]);
  await stores.stop();
});

const say = (process: string, trouble: AuditTrouble | null) => audit.publish(AUDIT_STATUS, { process, trouble });

it('says for each process of the audit service why facts wait, until it stores them again', async () => {
  const watch = new AuditWatch(gateway);
  watch.onApplicationBootstrap();
  await gateway.connection.flush();
  const [one, two] = [randomUUID(), randomUUID()];
  say(one, 'database');
  say(two, 'fault');
  await expect
    .poll(() => watch.readiness().degraded)
    .toEqual([expect.stringContaining('PostgreSQL does not store them'), expect.stringContaining('the audit service fails')]);
  say(one, null);
  say(two, null);
  await expect.poll(() => watch.readiness().degraded).toEqual([]);
});

it('reports when no audit service has reported for a while, and not before one could have', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const watch = new AuditWatch(gateway);
  watch.onApplicationBootstrap();
  await gateway.connection.flush();
  expect(watch.readiness().degraded).toEqual([]);
  vi.advanceTimersByTime(AUDIT_STATUS_LIMIT_MS + 1);
  expect(watch.readiness().degraded).toEqual([expect.stringContaining('no audit service has reported')]);
  say(randomUUID(), null);
  await expect.poll(() => watch.readiness().degraded).toEqual([]);
  vi.advanceTimersByTime(AUDIT_STATUS_LIMIT_MS + 1);
  expect(watch.readiness().degraded).toHaveLength(1);
});
