import { once } from 'node:events';
import { connect } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { OPERATIONS } from '@sluice/contracts';
import { Bus } from '@sluice/messaging';
import { createLog, nestLog } from '@sluice/process';
import { serviceOf } from '@sluice/process/nest';
import { OpenHandles, TestStores } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpAdapter, httpPortOf, listenOnHttp } from './api/http-server.js';
import { GatewayConfig } from './config.js';
import { GatewayModule } from './gateway.module.js';

const WITHIN = { timeout: 20_000, interval: 50 };
const log = createLog('gateway', 'silent');

let stores: TestStores;
beforeAll(async () => void (stores = await TestStores.start({ postgres: false })), 60_000);
afterAll(() => stores.stop());

async function startApi() {
  const config = new GatewayConfig({
    ...stores.environmentOf('gateway'),
    SLUICE_GATEWAY_PARTS: 'api',
    SLUICE_HTTP_ADDRESS: '127.0.0.1:0',
  });
  const module = await Test.createTestingModule({ imports: [GatewayModule.with(config, log)] })
    .setLogger(nestLog(log))
    .compile();
  const app = module.createNestApplication<NestFastifyApplication>(httpAdapter(config, log));
  await listenOnHttp(app, config.http);
  const port = httpPortOf(app);
  const url = `http://127.0.0.1:${port}`;
  const get = async (path: string) => {
    const response = await fetch(url + path, { headers: { connection: 'close' } });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { app, port, get, ...serviceOf(app) };
}

it('serves every operation and its own readiness, and a problem for anything else', async () => {
  const gateway = await startApi();
  expect((await gateway.get('/readyz')).body).toEqual({ ready: true, problems: [], degraded: [] });
  const { body } = await gateway.get('/api/v1/openapi.json');
  expect(Object.keys(body['paths'] as object)).toHaveLength(new Set(OPERATIONS.map(({ path }) => path)).size + 1); // and the event stream
  expect(await gateway.get('/api/v1/users')).toMatchObject({ status: 503, body: { code: 'unavailable' } }); // a route, without a registry
  expect(await gateway.get('/nothing')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  await gateway.stop();
}, 30_000);

/** What a server answers to bytes that are sent exactly as given. */
async function answerTo(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk)));
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('what cannot be read as a request', () => {
  let gateway: Awaited<ReturnType<typeof startApi>>;
  beforeAll(async () => void (gateway = await startApi()), 30_000);
  afterAll(() => gateway.stop());

  it.each([
    ['a path that cannot be decoded', 400, 'GET /% HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n'],
    ['an id that cannot be decoded', 400, 'GET /api/v1/roles/%ff HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n'],
    ['what is no HTTP', 400, 'EHLO example.com\r\n\r\n'],
    ['a malformed header', 400, 'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nbad header\r\n\r\n'],
    ['a head that is too large', 431, `GET / HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: ${'a'.repeat(60_000)}\r\n\r\n`],
    ['no host', 400, 'GET /api/v1/me HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['a head that does not end', 408, 'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n'],
  ])(
    'answers %s with a problem that nobody keeps',
    async (_, status, text) => {
      const answer = await answerTo(gateway.port, text);
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      expect(head).toContain(`HTTP/1.1 ${status} `);
      expect(head.toLowerCase()).toContain('content-type: application/problem+json');
      expect(head.toLowerCase()).toContain('cache-control: no-store');
      expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', status, code: 'invalid_request' });
    },
    20_000,
  );
});

it('is degraded while the bus is unreachable, and leaves nothing open when it stops', async () => {
  const handles = new OpenHandles();
  const gateway = await startApi();
  await stores.stopBus();
  await expect
    .poll(() => gateway.get('/readyz'), WITHIN)
    .toMatchObject({ status: 200, body: { degraded: ['NATS is not connected'] } });
  await gateway.stop();
  expect(gateway.app.get(Bus).connection.isClosed()).toBe(true);
  expect(await handles.left()).toEqual([]);
  await stores.startBus();
}, 30_000);
