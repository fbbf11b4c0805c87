import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { unwrap, type Schemas } from '@sluice/sdk';
import { until } from '@sluice/process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { carried, shortSessions } from './carried.js';
import { OtlpReceiver, type ReceivedSpan } from './otlp-receiver.js';
import { Scene } from './scene.js';

let collector: OtlpReceiver;
let scene: Scene;
let server: Schemas['Server'];
let unreachable: Schemas['Server'];
let port: number;

const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;

beforeAll(async () => {
  collector = await OtlpReceiver.start();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '100');
  vi.stubEnv('OTEL_BSP_MAX_QUEUE_SIZE', '200');
  vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '1000');
  vi.stubEnv('SLUICE_TRACES', 'on');
  scene = await Scene.start({ restart: false });
  server = await scene.system.addServer(scene.resource.port);
  unreachable = await scene.system.addServer(1);
  await scene.system.grant([scene.user], [server, unreachable]);
  port = await scene.user.connect(server.name);
}, 120_000);
afterAll(async () => {
  await scene.end();
  collector.stop();
  vi.unstubAllEnvs();
});

const traceOf = ({ traceId }: ReceivedSpan): ReceivedSpan[] => collector.spans.filter((span) => span.traceId === traceId);
const childrenOf = ({ spanId }: ReceivedSpan): ReceivedSpan[] => collector.spans.filter((span) => span.parentSpanId === spanId);
const brief = ({ service, name, kind }: ReceivedSpan) => [service, name, kind];
const newTrace = () => randomBytes(16).toString('hex');
const agentLog = () => readFileSync(path.join(scene.user.configHome, 'agent.log'), 'utf8');
const logOf = (service: string) => readFileSync(path.join(scene.installation.options.home, 'logs', `${service}.log`), 'utf8');

/** Calls the API, with headers of one's own. */
const call = (route: string, headers: Record<string, string>) => fetch(`${scene.system.handle.url}/api/v1/${route}`, { headers });
const authorization = () => ({ authorization: `Bearer ${scene.system.adminToken}` });

describe('the opening of a session', () => {
  it('is one trace from the agent through the relay, with the ids of its record', async () => {
    const socket = await carried(port);
    socket.end();
    await once(socket, 'close');
    const [record] = await scene.system.recordsWhen(server.id, (all) => all.some(({ state }) => state === 'final'));
    const [relaySpan] = await collector.when(({ attributes }) => attributes['sluice.session.id'] === record?.id);
    if (!relaySpan || !record) throw new Error('unreachable');
    await collector.when(
      ({ service, name, traceId }) => [service, name, traceId].join() === `sluice-agent,session open,${relaySpan.traceId}`,
    );
    const trace = traceOf(relaySpan);
    const [root] = trace.filter(({ parentSpanId }) => parentSpanId === '');
    if (!root) throw new Error('the trace has no root');
    expect(brief(root)).toEqual(['sluice-agent', 'session open', INTERNAL]);
    expect(childrenOf(root).map(brief).sort()).toEqual([
      ['sluice-agent', 'open', CLIENT],
      ['sluice-agent', 'take link', INTERNAL],
    ]);
    const [asked] = childrenOf(root).filter(({ name }) => name === 'open');
    expect(relaySpan).toMatchObject({ service: 'sluice-relay', name: 'session open', kind: SERVER, parentSpanId: asked?.spanId });
    expect(childrenOf(relaySpan).map(brief)).toEqual([
      ['sluice-relay', 'admit', INTERNAL],
      ['sluice-relay', 'connect', CLIENT],
      ['sluice-relay', 'admit', INTERNAL],
      ['sluice-relay', 'record', INTERNAL],
    ]);
    expect(trace).toHaveLength(8);
    const ids = { 'sluice.request.id': record.requestId, 'sluice.resource.id': server.id };
    expect(root.attributes).toEqual(ids);
    expect(relaySpan.attributes).toEqual({ ...ids, 'sluice.attempt': 1, 'sluice.session.id': record.id });
    expect(root.durationMs).toBeGreaterThanOrEqual(relaySpan.durationMs);
  });

  it('that fails says why, and the log of the agent leads to its trace', async () => {
    await carried(await scene.user.connect(unreachable.name)).catch(() => undefined);
    const [failed] = await collector.when(
      ({ service, name, attributes }) =>
        service === 'sluice-agent' && name === 'session open' && attributes['sluice.resource.id'] === unreachable.id,
    );
    if (!failed) throw new Error('unreachable');
    expect(failed.attributes['error.type']).toBe('connect refused');
    const [dialled] = await collector.when(({ name, traceId }) => name === 'connect' && traceId === failed.traceId);
    expect(dialled?.attributes).toEqual({ 'error.type': 'connect refused' });
    const line = agentLog()
      .split('\n')
      .find((text) => text.includes(failed.attributes['sluice.request.id'] as string));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      trace_id: failed.traceId,
      span_id: failed.spanId,
      requestId: failed.attributes['sluice.request.id'],
      reason: 'connect refused',
    });
  });
});

describe('a call of the API', () => {
  it('is one trace from the agent over the gateway and the bus to the registry', async () => {
    const [asked] = await collector.when(({ service, name }) => service === 'sluice-agent' && name === 'GET /api/v1/me');
    if (!asked) throw new Error('unreachable');
    expect(asked).toMatchObject({ kind: CLIENT, parentSpanId: '' });
    const [served] = await collector.when(
      ({ service, parentSpanId }) => service === 'sluice-gateway' && parentSpanId === asked.spanId,
    );
    expect(served).toMatchObject({ name: 'GET /api/v1/me', kind: SERVER, traceId: asked.traceId });
    const [called] = await collector.when(({ parentSpanId }) => parentSpanId === served?.spanId);
    expect(called).toMatchObject({ service: 'sluice-gateway', name: 'registry me.show', kind: CLIENT });
    const [handled] = await collector.when(({ parentSpanId }) => parentSpanId === called?.spanId);
    expect(handled).toMatchObject({ service: 'sluice-registry', name: 'me.show', kind: SERVER, traceId: asked.traceId });
    expect(handled?.attributes['sluice.request.id']).toBe(served?.attributes['sluice.request.id']);
  });

  it('that audit answers contains the question of audit to the registry, and has the request id of the response', async () => {
    const traceId = newTrace();
    const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
    const response = await call('sessions?limit=1', { ...authorization(), traceparent });
    expect(response.status).toBe(200);
    const [identified] = await collector.when((span) => span.traceId === traceId && span.service === 'sluice-registry');
    await collector.when((span) => span.traceId === traceId && span.service === 'sluice-gateway' && span.kind === SERVER);
    expect(
      traceOf({ ...identified, traceId } as ReceivedSpan)
        .map(({ service, name }) => `${service} ${name}`)
        .sort(),
    ).toEqual([
      'sluice-audit registry actors.identify',
      'sluice-audit sessions.list',
      'sluice-gateway GET /api/v1/sessions',
      'sluice-gateway audit sessions.list',
      'sluice-registry actors.identify',
    ]);
    for (const span of collector.spans.filter((one) => one.traceId === traceId))
      expect(span.attributes['sluice.request.id']).toBe(response.headers.get('x-request-id'));
  });

  it('does not continue the trace of a client that sends no token, and never lets a client decide what is sampled', async () => {
    const [withoutToken, notSampled] = [newTrace(), newTrace()];
    const span = randomBytes(8).toString('hex');
    const [first, second] = await Promise.all([
      call('me', { traceparent: `00-${withoutToken}-${span}-01` }),
      call('me', { ...authorization(), traceparent: `00-${notSampled}-${span}-00` }),
    ]);
    expect([first.status, second.status]).toEqual([401, 200]);
    const of = (response: Response) =>
      collector.when(
        ({ service, kind, attributes }) =>
          service === 'sluice-gateway' &&
          kind === SERVER &&
          attributes['sluice.request.id'] === response.headers.get('x-request-id'),
      );
    expect((await of(first))[0]).toMatchObject({ parentSpanId: '' });
    expect((await of(second))[0]).toMatchObject({ traceId: notSampled, parentSpanId: span });
    expect(collector.spans.filter(({ traceId }) => traceId === withoutToken)).toEqual([]);
  });

  it.each(['x', '00-', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, 'a'.repeat(8000)])(
    'is answered and has a trace of its own if the client sends a malformed one: %#',
    async (traceparent) => {
      const response = await call('me', { ...authorization(), traceparent });
      expect(response.status).toBe(200);
      const [served] = await collector.when(
        ({ service, kind, attributes }) =>
          service === 'sluice-gateway' &&
          kind === SERVER &&
          attributes['sluice.request.id'] === response.headers.get('x-request-id'),
      );
      expect(served?.parentSpanId).toBe('');
    },
  );
});

it('says nothing about people, names, addresses or credentials', () => {
  const { user, system, resource } = scene;
  const sent = collector.bodies.join('\n');
  const texts = [user.email, 'admin@sluice.local', server.name, unreachable.name, '127.0.0.1'];
  for (const text of [...texts, system.adminToken]) expect(sent).not.toContain(text);
  expect(sent).not.toMatch(new RegExp(`\\b${resource.port}\\b`)); // within an id or a time its digits can stand by chance
});

describe.each(['fails', 'hangs'] as const)('a collector that %s', (manner) => {
  it('holds up no session and no call, fills no memory and no log', async () => {
    collector.manner = manner;
    const before = collector.requests;
    await until(() => collector.requests > before, AbortSignal.timeout(10_000), 50);
    await shortSessions(port, 60); // more spans than may wait
    const begun = performance.now();
    const socket = await carried(port);
    await unwrap(scene.system.admin.GET('/api/v1/me'));
    expect(performance.now() - begun).toBeLessThan(2000);
    socket.destroy();
    const said = (text: string) => text.split('\n').filter((line) => line.includes('spans could not be sent')).length;
    for (const text of [agentLog(), logOf('relay'), logOf('gateway'), logOf('registry')]) expect(said(text)).toBeLessThan(5);
    collector.manner = 'accepts';
    const name = (one: ReceivedSpan) => one.service === 'sluice-relay' && one.name === 'session open';
    const seen = collector.spans.filter(name).length;
    const again = async () => {
      await shortSessions(port, 1);
      return collector.spans.filter(name).length > seen;
    };
    await until(again, AbortSignal.timeout(60_000), 200);
  }, 120_000);
});

it('that is down delays neither sessions nor the stop of a service', async () => {
  collector.stop();
  const socket = await carried(port);
  socket.end();
  await once(socket, 'close');
  const begun = performance.now();
  await scene.installation.service('relay').stop(20_000);
  expect(performance.now() - begun).toBeLessThan(10_000);
});
