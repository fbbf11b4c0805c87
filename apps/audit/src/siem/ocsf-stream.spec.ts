import { randomUUID } from 'node:crypto';
import { AUDIT_STREAM, OCSF_CONSUMER, OCSF_STREAM, ocsfSubject, readerConsumer, type WantedReader } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import { createLog } from '@sluice/process';
import { TestStores } from '@sluice/testing';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { auditConsumer } from '../ingest/audit-stream.js';
import { OcsfRoom, settleOcsf } from './ocsf-stream.js';

const LIMITS = { retentionDays: 30, ocsfBytes: 100_000 };
const SUBJECT = ocsfSubject('network_activity', 'open');

let stores: TestStores;
let bus: Bus;
beforeAll(async () => {
  stores = await TestStores.start({ postgres: false });
  bus = await stores.join('audit');
  await auditConsumer(bus, { retentionDays: 30, streamBytes: 1e8 }, createLog('audit', 'silent'));
}, 60_000);
afterAll(async () => {
  await bus.close();
  await stores.stop();
});
beforeEach(() => settleOcsf(bus, [], LIMITS));

const reader = (over: Partial<WantedReader> = {}): WantedReader => ({
  id: randomUUID(),
  name: 'a reader',
  consumer: readerConsumer(`U${randomUUID().replaceAll('-', '')}`),
  subjects: ['siem.v1.ocsf.>'],
  fromTime: null,
  fromNumber: 1,
  start: 1,
  ...over,
});
const source = () => bus.manager.consumers.info(AUDIT_STREAM, OCSF_CONSUMER);
const stream = () => bus.manager.streams.info(OCSF_STREAM);

/** Publishes events until the stream is full. @returns how many it took */
async function fill(): Promise<number> {
  for (let i = 0; ; i++)
    try {
      await bus.publishFact(SUBJECT, Buffer.from(`${i} ${'x'.repeat(1000)}`));
    } catch (error) {
      expect((error as Error).message).toContain('maximum bytes exceeded');
      return i;
    }
}

it('makes the stream and what fills it while there is a reader of it, and removes both after the last one', async () => {
  await settleOcsf(bus, [reader({ subjects: ['audit.v1.>'] })], LIMITS);
  await expect(stream()).rejects.toThrow('stream not found');
  const [one, two] = [reader({ fromNumber: null, fromTime: '2026-01-02T00:00:00.000Z' }), reader()];
  await settleOcsf(bus, [one], LIMITS);
  expect((await source()).config).toMatchObject({ deliver_policy: 'by_start_time', opt_start_time: '2026-01-02T00:00:00Z' });
  const { created } = await stream();
  await settleOcsf(bus, [one, two], { ...LIMITS, ocsfBytes: 200_000 });
  expect(await stream()).toMatchObject({ created, state: { consumer_count: 2 }, config: { max_bytes: 200_000 } });
  await settleOcsf(bus, [two], LIMITS);
  expect((await stream()).state.consumer_count).toBe(1);
  await settleOcsf(bus, [], LIMITS);
  await expect(stream()).rejects.toThrow('stream not found');
  await expect(source()).rejects.toThrow('consumer not found');
  await settleOcsf(bus, [two, one], LIMITS);
  expect((await source()).config).toMatchObject({ deliver_policy: 'all' }); // one of them wants everything
});

it('makes room in a full stream by removing what every reader has acknowledged, a twentieth at a time', async () => {
  const [chosen, all] = [reader({ subjects: ['siem.v1.ocsf.authentication.*'] }), reader()];
  const room = new OcsfRoom(bus);
  await settleOcsf(bus, [chosen], LIMITS);
  const count = await fill();
  expect(await room.make()).toBe(true); // what nobody chose keeps nothing
  const first = 1 + Math.ceil(count / 20);
  expect((await stream()).state.first_seq).toBe(first);
  await settleOcsf(bus, [chosen, reader({ fromNumber: first + 2 })], LIMITS);
  expect(await room.make()).toBe(true);
  expect((await stream()).state.first_seq).toBe(first + 2);
  expect(await room.make()).toBe(false);

  await settleOcsf(bus, [all], LIMITS);
  expect(await room.make()).toBe(false);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 });
  onTestFinished(() => void vi.useRealTimers());
  expect(await room.make()).toBe(true); // it has been at the same event for an hour
});
