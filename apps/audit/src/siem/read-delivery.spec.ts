import { AckPolicy } from '@nats-io/jetstream';
import { ALL_FACTS, AUDIT_STREAM } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import { TestStores } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDelivery } from './read-delivery.js';

const CONSUMER = 'records';

let stores: TestStores;
let bus: Bus;
beforeAll(async () => {
  stores = await TestStores.start({ postgres: false });
  bus = await stores.join('audit');
  await bus.manager.streams.add({ name: AUDIT_STREAM, subjects: [ALL_FACTS], allow_direct: true });
  await bus.manager.consumers.add(AUDIT_STREAM, { durable_name: CONSUMER, ack_policy: AckPolicy.Explicit });
}, 60_000);
afterAll(async () => {
  await bus.close();
  await stores.stop();
});

const read = async () => readDelivery(bus, await bus.manager.consumers.info(AUDIT_STREAM, CONSUMER));

it('says how far a consumer has come, with all times in ISO 8601 to the millisecond', async () => {
  expect(await read()).toMatchObject({ waiting: 0, deliveredAt: null, acknowledgedAt: null, oldestAt: null });
  for (const n of [1, 2, 3]) await bus.publishFact('audit.v1.integrity.gap', Buffer.from(JSON.stringify({ n })));
  const consumer = await bus.jetstream.consumers.get(AUDIT_STREAM, CONSUMER);
  const first = await consumer.next({ expires: 5000 });
  await first?.ackAck();
  await consumer.next({ expires: 5000 });
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(await read()).toEqual({
    ...{ waiting: 1, unacknowledged: 1, deliveredNumber: 2, acknowledgedNumber: 1 },
    ...{ deliveredAt: time, acknowledgedAt: time, oldestAt: time },
  });
});
