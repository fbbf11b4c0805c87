import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { type Metric, METRIC_SERVICES, metricsOf } from '@sluice/contracts';
import { until } from '@sluice/process';
import { unwrap } from '@sluice/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { carried } from './carried.js';
import { metric } from './metric.js';
import { hasPrometheus, Prometheus } from './prometheus.js';
import { Scene } from './scene.js';

const files = path.join(import.meta.dirname, '..', '..', 'deploy', 'helm', 'sluice', 'files');
type Service = (typeof METRIC_SERVICES)[number];
/** Those that an installation has; exports are added to it. */
const SERVICES = METRIC_SERVICES.filter((service) => service !== 'export');

let scene: Scene;
/** What no label may contain: accounts, addresses, servers and sessions that occurred. */
const forbidden: string[] = [];

/** Sessions that end in order, one that fails, an attempt that is refused, a check, a SIEM reader: something of everything that is counted. */
beforeAll(async () => {
  scene = await Scene.start({ restart: false });
  const { system, user, resource } = scene;
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const unreachable = await system.addServer((closed.address() as { port: number }).port);
  closed.close();
  const server = await system.addServer(resource.port);
  await system.grant([user], [server, unreachable]);
  const port = await user.connect(server.name);
  for (let n = 0; n < 3; n++) {
    const socket = await carried(port);
    socket.end();
    await once(socket, 'close');
  }
  await carried(await user.connect(unreachable.name)).catch(() => undefined);
  await unwrap(system.admin.POST('/api/v1/siem-readers', { body: { name: 'splunk' } }));
  const records = await system.recordsWhen(server.id, (all) => all.filter(({ state }) => state === 'final').length === 3);
  forbidden.push(
    user.id,
    user.email,
    '127.0.0.1',
    server.id,
    server.name,
    ...records.flatMap(({ id, requestId }) => [id, requestId ?? id]),
  );
  // the readers of the stream are measured every quarter of a minute
  const lag = () => metric(scene.installation, 'audit', 'sluice_audit_consumer_lag', '"splunk"');
  await until(async () => (await lag()) > 0, AbortSignal.timeout(40_000), 500);
}, 120_000);
afterAll(() => scene.end());

const portOf = (service: string): number => scene.installation.service(service).announcement.operationsPort;

/** What a service exposes: the names with their types, and every series. */
async function read(service: Service) {
  const text = await (await fetch(`http://127.0.0.1:${portOf(service)}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '');
  const types = lines.flatMap((line) => /^# TYPE (\w+) (\w+)$/.exec(line)?.slice(1, 3) ?? []);
  const series = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
      return {
        name,
        labels: [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', value = '']) => [key, value] as const),
      };
    });
  return {
    types: new Map(types.flatMap((name, at) => (at % 2 === 0 ? [[name, types[at + 1]]] : [])) as [string, string][]),
    series,
  };
}

it.each(SERVICES)('has at the service %s the metrics that are documented, and no others of its own', async (service) => {
  const { types } = await read(service);
  const own = [...types].filter(([name]) => name.startsWith('sluice_')).sort();
  expect(own).toEqual(
    metricsOf(service)
      .map(({ name, type }) => [name, type])
      .sort(),
  );
  for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds'])
    expect(types.has(name), name).toBe(true);
});

it.each(SERVICES)(
  'limits the labels of the service %s: none has an account, an address, a server or a session',
  async (service) => {
    const known = new Map(metricsOf(service).map((one) => [one.name, one]));
    const definitionOf = (name: string): Metric | undefined =>
      known.get(name) ?? known.get(name.replace(/_(bucket|sum|count)$/, ''));
    const { series } = await read(service);
    expect(series.length).toBeGreaterThan(50);
    const seen = new Map<string, Set<string>>();
    for (const { name, labels } of series) {
      const definition = definitionOf(name);
      for (const [label, value] of labels) {
        for (const text of forbidden) expect(value.includes(text), `${name}{${label}="${value}"}`).toBe(false);
        if (!name.startsWith('sluice_') || (label === 'le' && definition?.type === 'histogram')) continue;
        const values = definition?.labelValues[label];
        expect(values, `${name}{${label}}`).toBeDefined();
        if (Array.isArray(values)) expect(values, `${name}{${label}}`).toContain(value);
        const key = `${name} ${label}`;
        seen.set(key, (seen.get(key) ?? new Set()).add(value));
        if (values !== undefined && 'atMost' in values) expect(seen.get(key)?.size, key).toBeLessThanOrEqual(values.atMost);
      }
    }
    expect(series.length).toBeLessThan(2500);
  },
);

it('counts sessions by their end, and the bytes of the clients', async () => {
  const relay = (name: string, labels = '') => metric(scene.installation, 'relay', name, labels);
  expect(await relay('sluice_relay_sessions_total', 'outcome="completed",end_reason="client closed"')).toBe(3);
  expect(await relay('sluice_relay_sessions_total', 'outcome="failed",end_reason="connect refused"')).toBeGreaterThan(0);
  for (const direction of ['up', 'down'])
    expect(await relay('sluice_relay_session_bytes_total', `direction="${direction}"`)).toBe(15);
  const live = await carried(
    await scene.user.connect(
      (await scene.system.admin.GET('/api/v1/servers')).data?.items.find(({ port }) => port === scene.resource.port)?.name ?? '',
    ),
  );
  expect(await relay('sluice_relay_sessions')).toBe(1);
  expect(await relay('sluice_relay_session_bytes_total', 'direction="up"')).toBe(20);
  live.destroy();
  await expect.poll(() => relay('sluice_relay_sessions')).toBe(0);
  expect(await relay('sluice_relay_policy_age_seconds')).toBeLessThan(30);
  await expect.poll(() => relay('sluice_relay_journal_facts'), { timeout: 10_000 }).toBe(0);
  expect(await relay('sluice_relay_gateways', 'state="connected"')).toBe(1);
  expect(await relay('sluice_relay_offers')).toBeGreaterThan(0);
  expect(await metric(scene.installation, 'gateway', 'sluice_gateway_offers')).toBeGreaterThan(0);
  expect(await metric(scene.installation, 'gateway', 'sluice_gateway_pairings_total', 'result="paired"')).toBeGreaterThan(0);
});

describe.skipIf(!hasPrometheus())('a Prometheus that scrapes the installation', () => {
  let prometheus: Prometheus;
  beforeAll(async () => {
    const ports = new Map(SERVICES.map((service) => [`${service}-1`, portOf(service)]));
    prometheus = await Prometheus.start(ports, path.join(files, 'alerts.yaml'));
    const scraped = async () => (await prometheus.query('min(count_over_time(up{job="sluice"}[1m]))'))[0]?.value;
    await until(async () => ((await scraped()) ?? 0) > 4, AbortSignal.timeout(60_000), 500);
  }, 120_000);
  afterAll(() => prometheus.stop());

  it.each(readdirSync(path.join(files, 'dashboards')))('has data for every panel of the dashboard %s', async (file) => {
    const { panels } = JSON.parse(readFileSync(path.join(files, 'dashboards', file), 'utf8')) as {
      panels: { title: string; targets?: { expr: string }[] }[];
    };
    const queries = panels.flatMap(({ title, targets }) => (targets ?? []).map(({ expr }) => ({ title, expr })));
    expect(queries.length).toBeGreaterThan(10);
    const empty: string[] = [];
    for (const { title, expr } of queries) {
      const asked = expr.replaceAll('$__rate_interval', '30s').replaceAll(/\$(namespace|instance)/g, '.*');
      expect(asked).not.toContain('$');
      if ((await prometheus.query(asked)).length === 0) empty.push(`${title}: ${asked}`);
    }
    expect(empty).toEqual([]);
  });

  it('evaluates every alert without an error, and none fires', async () => {
    const rules = await prometheus.rules();
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.filter(({ health, state }) => health !== 'ok' || state === 'firing')).toEqual([]);
  });

  it('sees that a service is missing, and which one', async () => {
    await scene.installation.service('health').stop(10_000);
    const missing = async () => (await prometheus.rules()).filter(({ state }) => state !== 'inactive').map(({ name }) => name);
    await expect
      .poll(missing, { timeout: 30_000, interval: 500 })
      .toEqual(expect.arrayContaining(['SluiceServiceDown', 'SluiceServiceMissing']));
    const services = (await prometheus.query('ALERTS{alertname="SluiceServiceMissing"}')).map(({ labels }) => labels['name']);
    expect(services).toEqual(['health']);
  });
});
