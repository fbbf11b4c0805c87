import type { Metric } from '@sluice/contracts';
import { register } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import { counterOf, gaugeOf, histogramOf, measure } from './metrics.js';
import { serveOperations } from './operations-server.js';

const define = <const L extends Metric['labelValues']>(type: Metric['type'], name: string, labelValues: L): Metric<L> => ({
  name,
  type,
  unit: 'number',
  help: 'an example',
  labelNames: Object.keys(labelValues) as Extract<keyof L, string>[],
  labelValues,
});

/** The lines of a metric, without comments. */
const lines = async (name: string) =>
  (await register.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

afterEach(() => register.clear());

it('begins a counter with 0 for each value of its label, so that the first event is an increase', async () => {
  const counter = counterOf(define('counter', 'answers_total', { result: ['yes', 'no'] }));
  expect(await lines('answers_total')).toEqual(['answers_total{result="yes"} 0', 'answers_total{result="no"} 0']);
  counter.inc({ result: 'no' });
  counter.inc({ result: 'no' }, 2);
  expect(await lines('answers_total')).toEqual(['answers_total{result="yes"} 0', 'answers_total{result="no"} 3']);
});

it('makes gauges and histograms from their definitions, with and without labels', async () => {
  gaugeOf(define('gauge', 'height', {})).set(3);
  gaugeOf(define('gauge', 'width', { of: { what: 'anything', atMost: 9 } })).set({ of: 'door' }, 2);
  histogramOf({ ...define('histogram', 'wait_seconds', {}), buckets: [1, 5] }).observe(2);
  expect([...(await lines('height')), ...(await lines('width'))]).toEqual(['height 3', 'width{of="door"} 2']);
  expect(await lines('wait_seconds_bucket')).toEqual([
    'wait_seconds_bucket{le="1"} 0',
    'wait_seconds_bucket{le="5"} 1',
    'wait_seconds_bucket{le="+Inf"} 1',
  ]);
});

it('reads a measured value at each request, and what reads it can be replaced', async () => {
  let age = 1;
  const metric = define('gauge', 'age_seconds', {});
  measure(metric, () => age);
  expect(await lines('age_seconds')).toEqual(['age_seconds 1']);
  age = Number.POSITIVE_INFINITY;
  expect(await lines('age_seconds')).toEqual(['age_seconds +Inf']);
  measure(metric, () => Promise.resolve(7));
  expect(await lines('age_seconds')).toEqual(['age_seconds 7']);
});

it('reads a measured counter with its labels, which do not add up over requests', async () => {
  const carried = [
    [{ direction: 'up' }, 5],
    [{ direction: 'down' }, 9],
  ] as const;
  measure(define('counter', 'carried_total', { direction: ['up', 'down'] }), () => carried);
  for (let request = 0; request < 2; request++)
    expect(await lines('carried_total')).toEqual(['carried_total{direction="up"} 5', 'carried_total{direction="down"} 9']);
});

it('responds with the other metrics if the readiness of the service fails or never comes', async () => {
  let ready: () => Promise<{ problems: string[]; degraded: string[] }> = () => Promise.reject(new Error('no database'));
  const { server, port } = await serveOperations({ host: '127.0.0.1', port: 0 }, 'registry', () => ready());
  try {
    const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(await read()).toMatch(/^sluice_service_ready 0$/m);
    ready = () => new Promise(() => undefined);
    expect(await read()).toMatch(/^sluice_service_ready 0$/m);
    ready = () => Promise.resolve({ problems: [], degraded: ['NATS is not connected'] });
    const text = await read();
    expect(text).toMatch(/^sluice_service_ready 1$/m);
    expect(text).toMatch(/^sluice_service_degraded 1$/m);
    expect(text).toMatch(/^sluice_service_info\{name="registry",release="[\d.]+",runtime="[\d.]+"\} 1$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  } finally {
    server.close();
  }
});
