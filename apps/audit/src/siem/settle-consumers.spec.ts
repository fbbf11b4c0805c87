import { randomUUID } from 'node:crypto';
import type { WantedReader } from '@sluice/contracts';
import { AUDIT_STREAM, readerConsumer } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import { createLog } from '@sluice/process';
import { TestStores } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditConsumer } from '../ingest/audit-stream.js';
import { readDelivery } from './read-delivery.js';
import { readerConsumers, settleConsumers } from './settle-consumers.js';

const SUBJECT = 'audit.v1.service.test.audit';
let stores: TestStores;
let bus: Bus;

beforeAll(async () => {
  stores = await TestStores.start({ postgres: false });
  bus = await stores.join('audit');
  await auditConsumer(bus, { retentionDays: 30, streamBytes: 1e8 }, createLog('audit', 'silent'));
  for (let i = 1; i <= 10; i++) await bus.publishFact(SUBJECT, Buffer.from(`fact ${i}`));
}, 60_000);
afterAll(async () => {
  await bus.close();
  await stores.stop();
});

let keys = 0;
const reader = (over: Partial<WantedReader> = {}): WantedReader => ({
  id: randomUUID(),
  name: 'a reader',
  consumer: readerConsumer(`UTEST${++keys}`),
  subjects: ['audit.v1.>'],
  fromTime: null,
  fromNumber: 1,
  start: 1,
  ...over,
});
const deliveryOf = async ({ consumer }: WantedReader) => {
  const info = (await readerConsumers(bus, AUDIT_STREAM)).get(consumer);
  return info && readDelivery(bus, info);
};

it('makes a consumer that begins at a number or a time, and shows how far it has come', async () => {
  const [all, later, never] = [
    reader(),
    reader({ fromNumber: 8 }),
    reader({ fromNumber: null, fromTime: '2100-01-01T00:00:00.000Z' }),
  ];
  const chosen = reader({ subjects: ['audit.v1.session.>', 'audit.v1.relay.>'] });
  await settleConsumers(bus, AUDIT_STREAM, [all, later, never, chosen]);
  expect((await deliveryOf(all))?.waiting).toBe(10);
  expect(await deliveryOf(later)).toMatchObject({
    waiting: 3,
    unacknowledged: 0,
    deliveredNumber: 7,
    acknowledgedNumber: 7,
    deliveredAt: null,
  });
  expect(Date.now() - Date.parse((await deliveryOf(later))?.oldestAt ?? '')).toBeLessThan(60_000);
  expect([await deliveryOf(never), await deliveryOf(chosen)]).toMatchObject([{ waiting: 0, oldestAt: null }, { waiting: 0 }]);
});

it('begins with everything if the stream has not reached the number: it was lost and begins anew', async () => {
  const lost = reader({ fromNumber: 12 });
  await settleConsumers(bus, AUDIT_STREAM, [lost, reader({ fromNumber: 11 })]);
  expect((await deliveryOf(lost))?.waiting).toBe(10);
});

it('changes nothing where nothing has to be changed', async () => {
  const same = reader();
  await settleConsumers(bus, AUDIT_STREAM, [same]);
  const { created } = (await readerConsumers(bus, AUDIT_STREAM)).get(same.consumer) ?? {};
  await settleConsumers(bus, AUDIT_STREAM, [same]);
  expect((await readerConsumers(bus, AUDIT_STREAM)).get(same.consumer)?.created).toBe(created);
});

it('continues under a new key where the old one was, and removes the old one and those of nobody, but never the own', async () => {
  const old = reader({ fromNumber: 3 });
  await settleConsumers(bus, AUDIT_STREAM, [old, reader()]);
  const renewed = { ...old, fromNumber: 1, consumer: readerConsumer('UNEW') };
  await settleConsumers(bus, AUDIT_STREAM, [renewed]);
  expect(await deliveryOf(renewed)).toMatchObject({ waiting: 8, acknowledgedNumber: 2 });
  expect([...(await readerConsumers(bus, AUDIT_STREAM)).keys()]).toEqual([renewed.consumer]);
  await settleConsumers(bus, AUDIT_STREAM, []);
  expect((await bus.manager.consumers.info(AUDIT_STREAM, 'records')).num_pending).toBe(10);
});

it('begins again at another start, also if the key was replaced at the same time', async () => {
  const before = reader({ fromNumber: 9 });
  await settleConsumers(bus, AUDIT_STREAM, [before]);
  const again = { ...before, start: 2, fromNumber: 2 };
  await settleConsumers(bus, AUDIT_STREAM, [again]);
  expect((await deliveryOf(again))?.waiting).toBe(9);
  const both = { ...again, start: 3, fromNumber: 5, consumer: readerConsumer('UBOTH') };
  await settleConsumers(bus, AUDIT_STREAM, [both]);
  expect((await deliveryOf(both))?.waiting).toBe(6);
});
