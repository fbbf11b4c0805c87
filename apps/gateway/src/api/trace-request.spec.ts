import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { operationSubject, showMe } from '@sluice/contracts';
import type { Bus } from '@sluice/messaging';
import { createLog, nestLog, readTraceSettings, startTraces } from '@sluice/process';
import { TestStores } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { GatewayConfig } from '../config.js';
import { GatewayModule } from '../gateway.module.js';
import { httpAdapter, httpPortOf, listenOnHttp } from './http-server.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const log = createLog('gateway', 'silent');

let stores: TestStores;
let registry: Bus;
let app: NestFastifyApplication;
let collector: Server;
/** What the registry received as `traceparent`, call by call. */
const received: (string | undefined)[] = [];

beforeAll(async () => {
  stores = await TestStores.start({ postgres: false });
  registry = await stores.join('registry');
  registry.connection.subscribe(operationSubject(showMe), {
    callback: (_, message) => {
      received.push(message.headers?.get('traceparent') || undefined);
      message.respond(
        JSON.stringify({ ok: false, problem: { type: 'about:blank', status: 401, code: 'unauthenticated', title: '' } }),
      );
    },
  });
  await registry.connection.flush();
  const environment = { SLUICE_GATEWAY_PARTS: 'api', SLUICE_HTTP_ADDRESS: '127.0.0.1:0' };
  const config = new GatewayConfig({ ...stores.environmentOf('gateway'), ...environment });
  const options = { logger: nestLog(log), abortOnError: false };
  app = await NestFactory.create<NestFastifyApplication>(GatewayModule.with(config, log), httpAdapter(config, log), options);
  await listenOnHttp(app, config.http);
  collector = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(collector, 'listening');
}, 60_000);
afterEach(() => void vi.unstubAllEnvs());
afterAll(async () => {
  await app.close();
  await registry.close();
  collector.close();
  await stores.stop();
});

/** What the registry receives of a request with these headers. */
async function passedOn(headers: Record<string, string>): Promise<string | undefined> {
  received.length = 0;
  const response = await fetch(`http://127.0.0.1:${httpPortOf(app)}/api/v1/me`, { headers: { connection: 'close', ...headers } });
  expect(response.status).toBe(401);
  expect(received).toHaveLength(1);
  return received[0];
}

const token = { authorization: 'Bearer of-somebody' };

it('passes on no trace while traces are off, whatever the client sends', async () => {
  expect(await passedOn({ ...token, traceparent: `00-${TRACE}-${SPAN}-01` })).toBeUndefined();
});

it('passes on the trace of a client with a token, and its own decision about sampling', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(collector.address() as AddressInfo).port}`);
  const traces = await startTraces(readTraceSettings('gateway', process.env), log);
  const [, ...parts] = (await passedOn({ ...token, traceparent: `00-${TRACE}-${SPAN}-00` }))?.split('-') ?? [];
  expect(parts).toEqual([TRACE, expect.not.stringMatching(SPAN), '01']);
  const traceparent = `00-${TRACE}-${SPAN}-01`;
  const others: Record<string, string>[] = [{ traceparent }, { authorization: 'Basic eDp5', traceparent }];
  for (const headers of others) {
    const other = await passedOn(headers);
    expect(other).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(other).not.toContain(TRACE);
  }
  await traces.stop();
}, 20_000);
