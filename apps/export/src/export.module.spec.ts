import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { AckPolicy } from '@nats-io/jetstream';
import { Test } from '@nestjs/testing';
import { ALL_FACTS, AUDIT_STREAM, readerConsumer } from '@sluice/contracts';
import { formatCredentials, makeReader, type ReaderSigner } from '@sluice/identity/bus-authority';
import { Bus } from '@sluice/messaging';
import { createLog, type Log, nestLog } from '@sluice/process';
import { serviceOf } from '@sluice/process/nest';
import { OpenHandles, testFolder, TestStores } from '@sluice/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ExportConfig } from './config.js';
import { ExportModule } from './export.module.js';
import { ReaderEvents } from './reader/reader-events.js';

const WITHIN = { timeout: 20_000, interval: 20 };
const SUBJECT = 'audit.v1.integrity.gap';
const log = createLog('export', 'silent');
const folder = testFolder('export-module');

let stores: TestStores;
let audit: Bus;
let receiver: Server;
let received: number[];
let status: number;
let reader: { publicKey: string; jwt: string; seed: string };
let readers = 0;

beforeAll(async () => {
  stores = await TestStores.start({ postgres: false });
  audit = await stores.join('audit');
  await audit.manager.streams.add({ name: AUDIT_STREAM, subjects: [ALL_FACTS] });
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { events } = JSON.parse(Buffer.concat(chunks).toString()) as { events: { event: { n: number } }[] };
      if (status === 200) received.push(...events.map(({ event }) => event.n));
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
}, 60_000);
afterAll(async () => {
  receiver.close();
  await audit.close();
  await stores.stop();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  [received, status] = [[], 200];
  const file = stores.environmentOf('registry')['SLUICE_BUS_READERS_FILE'] ?? '';
  reader = await makeReader(JSON.parse(readFileSync(file, 'utf8')) as ReaderSigner, `reader-${++readers}`);
  const { last_seq: last } = (await audit.manager.streams.info(AUDIT_STREAM)).state;
  await audit.manager.consumers.add(AUDIT_STREAM, {
    durable_name: readerConsumer(reader.publicKey),
    ack_policy: AckPolicy.Explicit,
    opt_start_seq: last + 1,
    deliver_policy: 'by_start_sequence',
  });
});

const publish = (...numbers: number[]) =>
  Promise.all(numbers.map((n) => audit.publishFact(SUBJECT, Buffer.from(JSON.stringify({ n, readers })))));

function configOf(): ExportConfig {
  const creds = path.join(folder, `${readers}.creds`);
  writeFileSync(creds, formatCredentials(reader));
  const { NATS_URL = '', SLUICE_BUS_CREDENTIALS_FILE: file = '' } = stores.environmentOf('audit');
  const { ca } = JSON.parse(readFileSync(file, 'utf8')) as { ca?: string };
  const caFile = path.join(folder, 'ca.pem');
  writeFileSync(caFile, ca ?? '');
  return new ExportConfig({
    NATS_URL,
    SLUICE_EXPORT_CREDENTIALS_FILE: creds,
    ...(ca === undefined ? {} : { SLUICE_EXPORT_BUS_CA_FILE: caFile }),
    SLUICE_EXPORT_HOME: path.join(folder, `home-${readers}`),
    SLUICE_EXPORT_DESTINATION: 'webhook',
    SLUICE_EXPORT_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
  });
}

async function start(to: Log = log) {
  const module = await Test.createTestingModule({ imports: [ExportModule.with(configOf(), to)] })
    .setLogger(nestLog(log))
    .compile();
  await module.init();
  return { module, ...serviceOf(module) };
}

const unacknowledged = async (): Promise<number> => {
  const { num_pending: pending, num_ack_pending: waiting } = await audit.manager.consumers.info(
    AUDIT_STREAM,
    readerConsumer(reader.publicKey),
  );
  return pending + waiting;
};

it('delivers events, says what does not work, and continues when it works again', async () => {
  const service = await start();
  await publish(1, 2);
  await expect.poll(() => received, WITHIN).toEqual([1, 2]);
  status = 503;
  await publish(3);
  const degraded = async () => (await service.ready()).degraded.join();
  await expect.poll(degraded, WITHIN).toContain('does not accept events: the server responded 503');
  status = 200;
  await expect.poll(() => received, WITHIN).toEqual([1, 2, 3]);
  await expect.poll(unacknowledged, WITHIN).toBe(0);
  await stores.stopBus();
  await expect.poll(degraded, WITHIN).toContain('NATS is not connected');
  await stores.startBus();
  await expect.poll(() => audit.connected, WITHIN).toBe(true);
  await publish(4);
  await expect.poll(() => received, WITHIN).toEqual([1, 2, 3, 4]);
  await expect.poll(degraded, WITHIN).toBe('');
  await service.stop();
}, 60_000);

it('says why its reader receives nothing, without a stack trace', async () => {
  const warned: object[] = [];
  const recording = Object.assign(Object.create(log) as Log, { warn: (fields: object) => warned.push(fields) });
  const service = await start(recording);
  await audit.manager.consumers.delete(AUDIT_STREAM, readerConsumer(reader.publicKey));
  await expect.poll(() => warned, WITHIN).toContainEqual({ why: expect.stringMatching(/^[^\n]+$/) });
  expect(warned.filter((fields) => 'err' in fields)).toEqual([]);
  await service.stop();
}, 60_000);

it('gives back at once what it could not deliver when it stops, and leaves nothing open', async () => {
  const handles = new OpenHandles();
  status = 500;
  const service = await start();
  await publish(1, 2, 3);
  await expect.poll(async () => (await service.ready()).degraded.join(), WITHIN).toContain('500');
  await service.stop();
  status = 200;
  const begun = performance.now();
  const next = await start();
  await expect.poll(() => [...received].sort(), WITHIN).toEqual([1, 2, 3]);
  expect(performance.now() - begun).toBeLessThan(15_000); // and not when NATS gives up waiting for an acknowledgement
  await next.stop();
  const left = (await handles.left()).filter((handle) => !handle.includes('Heartbeat')); // the spec's own connection renews that timer
  expect(left).toEqual([]);
}, 60_000);

it('collects events for as long as it is told to, or until there are enough', async () => {
  const { natsServers: servers, busCa: ca, stream } = configOf();
  const bus = await Bus.connect({ servers, user: reader.publicKey, jwt: reader.jwt, seed: reader.seed, ca });
  const collect = async (maxEvents: number, collectMs: number, maxBytes = 1e6): Promise<number[]> => {
    const events = new ReaderEvents(bus, stream, reader.publicKey, { maxEvents, maxBytes, collectMs });
    const some = await events.next(new AbortController().signal);
    for (const one of some) one.ack();
    events.stop();
    return some.map(({ event }) => event.fields['n'] as number);
  };
  await publish(1);
  const collecting = collect(10, 3300);
  await expect.poll(unacknowledged, WITHIN).toBe(1);
  await publish(2);
  await publish(3);
  expect(await collecting).toEqual([1, 2, 3]);
  await publish(4, 5, 6);
  expect(await collect(2, 60_000)).toHaveLength(2);
  expect(await collect(10, 0)).toHaveLength(1);
  expect(await collect(10, 0)).toEqual([]);
  await publish(7, 8);
  expect(await collect(10, 60_000, 1)).toEqual([7]);
  expect(await collect(10, 0)).toEqual([8]);
  await bus.close();
}, 30_000);
