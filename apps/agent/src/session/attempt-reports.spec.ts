import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLog } from '@sluice/process';
import { createSluiceClient } from '@sluice/sdk';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AttemptReports } from './attempt-reports.js';

let server: Server;
/** The next responses of the API, 201 when empty; `none` closes the connection without one. */
let answers: (number | 'none')[];
let received: { key: string | undefined; requestId: string }[];
let reports: AttemptReports;

beforeEach(async () => {
  answers = [];
  received = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { requestId } = JSON.parse(Buffer.concat(chunks).toString()) as { requestId: string };
      received.push({ key: request.headers['idempotency-key'] as string | undefined, requestId });
      const status = answers.shift() ?? 201;
      if (status === 'none') request.socket.destroy();
      else response.writeHead(status, { 'content-type': 'application/json' }).end('{"id": "x"}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createSluiceClient({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  reports = new AttemptReports(client, createLog('test', 'silent'), 3);
});
afterEach(() => server.close());

const attempt = (requestId: string) => ({
  requestId,
  attempt: 5,
  resourceId: 'server',
  reason: 'no relay' as const,
  message: 'the gateway does not answer',
  startedAt: new Date(0).toISOString(),
});
const names = () => received.map(({ requestId }) => requestId);
/** Calls `send` first, which does nothing while an earlier call is still running. */
const namesAfterSending = async () => {
  await reports.send();
  return names();
};

it('retries reports in order and under the same key while the API is unreachable or too busy', async () => {
  answers = ['none', 503, 429];
  for (const name of ['first', 'second']) reports.add(attempt(name));
  await expect.poll(names).toEqual(['first']);
  await expect.poll(namesAfterSending).toEqual(['first', 'first', 'first', 'first', 'second']);
  expect(new Set(received.map(({ key }) => key))).toEqual(new Set(['first-5', 'second-5']));
  await reports.send();
  expect(received).toHaveLength(5); // nothing is waiting any more
});

it('drops an attempt that the API rejects permanently', async () => {
  answers = [404];
  reports.add(attempt('of a server that is unknown'));
  reports.add(attempt('another'));
  await expect.poll(names).toEqual(['of a server that is unknown', 'another']);
});

it('drops the oldest when too many are waiting', async () => {
  answers = ['none'];
  for (const name of ['1', '2', '3', '4', '5']) reports.add(attempt(name));
  await expect.poll(names).toEqual(['1']);
  await expect.poll(namesAfterSending).toEqual(['1', '3', '4', '5']);
});
