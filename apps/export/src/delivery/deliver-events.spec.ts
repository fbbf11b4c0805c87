import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BackOff } from '@sluice/domain';
import { afterEach, expect, it } from 'vitest';
import type { Destination } from '../destination/destination.js';
import { readEvent } from '../event/read-event.js';
import { HttpSender } from '../http/http-sender.js';
import { Webhook } from '../http/webhook.js';
import type { ReceivedAuditEvent } from '../reader/reader-events.js';
import { batchesOf } from './batches.js';
import { EventDelivery } from './deliver-events.js';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
const never = new AbortController().signal;
const SIGNALS = { stopping: never, abandoning: never };

/** A webhook whose receiver responds with what `status` returns for the numbers of a request. */
async function webhook(
  status: (numbers: number[]) => number,
): Promise<{ destination: Destination; taken: number[]; requests: number[][] }> {
  const taken: number[] = [];
  const requests: number[][] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { events } = JSON.parse(Buffer.concat(chunks).toString()) as { events: { number: number }[] };
      const numbers = events.map(({ number }) => number);
      requests.push(numbers);
      const answer = status(numbers);
      if (answer === 200) taken.push(...numbers);
      response.writeHead(answer).end('what it thinks');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const sender = new HttpSender({ url, timeoutMs: 5000, secrets: [] });
  const destination = new Webhook(sender, { authorization: undefined, signingKey: undefined });
  cleanUps.push(
    () => server.close(),
    () => destination.close(),
  );
  return { destination, taken, requests };
}

/** Events with these numbers, and what became of each. */
function receive(from: number, to: number, data = '{}'): { received: ReceivedAuditEvent[]; settled: string[] } {
  const settled: string[] = [];
  const received = Array.from({ length: to - from + 1 }, (_, at): ReceivedAuditEvent => {
    const event = readEvent({ seq: from + at, subject: 'audit.v1.a.b', time: new Date(0), data: Buffer.from(data) }, 'AUDIT');
    return {
      event,
      ack: () => settled.push(`${event.number} ack`),
      term: () => settled.push(`${event.number} term`),
      postpone: () => settled.push(`${event.number} postponed`),
      wasPostponed: false,
    } as ReceivedAuditEvent;
  });
  return { received, settled };
}

const nobody = { onPostponed: () => undefined };

function deliveryTo(destination: Destination, more: { quarantine?: () => Promise<void> } = {}) {
  const noted = { quarantined: [] as string[], failures: [] as string[], delivered: 0 };
  const delivery = new EventDelivery({
    destination,
    backOff: new BackOff(1, 2),
    onDelivered: (events) => (noted.delivered += events),
    onFailed: (error) => noted.failures.push((error as Error).message),
    ...nobody,
    quarantine: async ({ number }, reason) => {
      await more.quarantine?.();
      noted.quarantined.push(`${number} ${reason}`);
    },
  });
  return { delivery, noted };
}

it('acknowledges events in their order when they are taken, and retries whatever the receiver says meanwhile', async () => {
  const answers = [500, 401, 301, 404, 200];
  const { destination, taken, requests } = await webhook(() => answers.shift() ?? 200);
  const { delivery, noted } = deliveryTo(destination);
  const { received, settled } = receive(1, 3);
  await delivery.deliver(received, SIGNALS);
  expect([taken, settled]).toEqual([
    [1, 2, 3],
    ['1 ack', '2 ack', '3 ack'],
  ]);
  expect([noted.delivered, noted.failures.length, requests.length]).toEqual([3, 4, 5]);
  expect(noted.failures[0]).toBe('the server responded 500: what it thinks');
});

it.each([400, 413, 422])('finds the events that are refused for good with %s, and quarantines these alone', async (status) => {
  const { destination, taken } = await webhook((numbers) => (numbers.some((number) => number % 7 === 0) ? status : 200));
  const { delivery, noted } = deliveryTo(destination);
  const { received, settled } = receive(1, 30);
  await delivery.deliver(received, SIGNALS);
  expect(taken).toEqual(Array.from({ length: 30 }, (_, at) => at + 1).filter((number) => number % 7 !== 0));
  expect(noted.quarantined).toEqual([7, 14, 21, 28].map((number) => `${number} the server responded ${status}: what it thinks`));
  expect(settled).toEqual(received.map(({ event: { number } }) => `${number} ${number % 7 === 0 ? 'term' : 'ack'}`));
  expect(noted.failures).toEqual([]);
});

it('doubts that a destination which refuses everything means the events, and yet is not held up', async () => {
  let right = false;
  const { destination, taken } = await webhook(() => (right ? 200 : 400));
  const { delivery, noted } = deliveryTo(destination);
  await delivery.deliver(receive(1, 12).received, SIGNALS);
  expect(noted.quarantined).toHaveLength(12);
  expect(noted.failures).toHaveLength(2); // the last two were tried once more, after the back-off
  expect(noted.failures[0]).toContain('11 events in a row were refused, so the destination may be set up wrongly');
  const { received, settled } = receive(13, 14);
  const doubting = new EventDelivery({
    destination,
    backOff: new BackOff(1, 2),
    onDelivered: () => undefined,
    onFailed: () => void (right = true), // somebody repairs it
    quarantine: () => Promise.resolve(),
    ...nobody,
  });
  await doubting.deliver(receive(1, 10).received, SIGNALS);
  await doubting.deliver(received, SIGNALS);
  expect([settled, taken]).toEqual([
    ['13 ack', '14 ack'],
    [13, 14],
  ]);
});

it('postpones an event on which the destination fails again and again, so that the others are delivered', async () => {
  let broken = true;
  const { destination, taken, requests } = await webhook((numbers) => (broken && numbers.includes(5) ? 500 : 200));
  const { delivery, noted } = deliveryTo(destination);
  const { received, settled } = receive(1, 20);
  await delivery.deliver(received, SIGNALS);
  const others = received.map(({ event: { number } }) => number).filter((number) => number !== 5);
  expect([taken, noted.quarantined]).toEqual([others, []]);
  expect(settled).toEqual(received.map(({ event: { number } }) => `${number} ${number === 5 ? 'postponed' : 'ack'}`));
  requests.length = 0;
  const again = receive(4, 6);
  const marked = again.received.map((one) => ({ ...one, wasPostponed: one.event.number === 5 }));
  const batches = batchesOf(marked, 1000);
  expect(batches.map((batch) => batch.length)).toEqual([1, 1, 1]);
  for (const batch of batches) await delivery.deliver(batch, SIGNALS);
  expect([again.settled, requests]).toEqual([
    ['4 ack', '5 postponed', '6 ack'],
    [[4], [5], [6]], // tried once
  ]);
  broken = false;
  await delivery.deliver([marked[1] as ReceivedAuditEvent], SIGNALS);
  expect(taken.at(-1)).toBe(5);
});

it('does not give up an event whose quarantine could not be written', async () => {
  const { destination } = await webhook(() => 400);
  let full = 2;
  const { delivery, noted } = deliveryTo(destination, {
    quarantine: () => (full-- > 0 ? Promise.reject(new Error('the disk is full')) : Promise.resolve()),
  });
  const { received, settled } = receive(1, 1);
  await delivery.deliver(received, SIGNALS);
  expect([noted.failures, settled]).toEqual([['the disk is full', 'the disk is full'], ['1 term']]);
});

it('ends its retries when the process stops, and settles nothing that was not taken', async () => {
  const stopping = new AbortController();
  const { destination } = await webhook(() => (stopping.abort(), 503));
  const { received, settled } = receive(1, 3);
  await expect(
    deliveryTo(destination).delivery.deliver(received, { stopping: stopping.signal, abandoning: never }),
  ).rejects.toThrow();
  expect(settled).toEqual([]);
});

it('divides events by their size, and leaves a larger one by itself', () => {
  const sizes = (events: readonly ReceivedAuditEvent[], max: number) => batchesOf(events, max).map((batch) => batch.length);
  const { received } = receive(1, 5, '"12345678"'); // ten bytes each
  expect([sizes(received, 30), sizes(received, 5), sizes(received, 1000), sizes([], 30)]).toEqual([
    [3, 2],
    [1, 1, 1, 1, 1],
    [5],
    [],
  ]);
});
