import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { trace } from '@opentelemetry/api';
import { afterEach, expect, it, vi } from 'vitest';
import { createLog } from '../log.js';
import { startTraces } from './start-traces.js';
import { readTraceSettings } from './trace-settings.js';

let server: Server | undefined;
afterEach(() => {
  trace.disable();
  server?.closeAllConnections();
  server?.close();
  vi.unstubAllEnvs();
});

const log = createLog('traces', 'silent');
const isOn = () => trace.getTracer('sluice').startSpan('x').isRecording();

it('does nothing while no collector is named', async () => {
  const traces = await startTraces(readTraceSettings('relay', {}), log);
  expect(isOn()).toBe(false);
  await traces.stop();
});

it('does not hold up a stop when the collector accepts spans but never answers', async () => {
  server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const traces = await startTraces(readTraceSettings('relay', process.env), log);
  expect(isOn()).toBe(true);
  trace.getTracer('sluice').startSpan('x').end();
  const asked = once(server, 'request');
  const begun = performance.now();
  await traces.stop();
  await asked; // it was tried
  expect(performance.now() - begun).toBeLessThan(3000);
});
