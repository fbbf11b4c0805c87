import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CHART, hasHelm, HELM_MS, podsOf, render } from './rendered-chart.js';

const own = ['PodMonitor', 'PrometheusRule', 'ConfigMap'];

describe.skipIf(!hasHelm())('what the chart has for Prometheus and Grafana', { timeout: HELM_MS }, () => {
  it('is not there unless it is wanted, because it needs an operator', () => {
    expect(render('minimal').filter(({ kind }) => own.includes(kind))).toEqual([]);
  });

  it('scrapes the operations port of every service and of nothing else, as the job that the rules name', () => {
    const manifests = render('production');
    const [monitor, ...others] = manifests.filter(({ kind }) => kind === 'PodMonitor');
    expect(others).toEqual([]);
    expect(monitor?.metadata.labels).toMatchObject({ release: 'prometheus' });
    const { selector, jobLabel, podMetricsEndpoints, ...rest } = monitor?.spec as unknown as {
      selector: { matchLabels: Record<string, string>; matchExpressions: { key: string; operator: string; values: string[] }[] };
      jobLabel: string;
      podMetricsEndpoints: unknown[];
    };
    expect(rest).toEqual({});
    expect(podMetricsEndpoints).toEqual([
      {
        port: 'operations',
        path: '/metrics',
        interval: '30s',
        relabelings: [{ sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'instance' }],
      },
    ]);
    const [component] = selector.matchExpressions;
    expect(component).toMatchObject({ key: 'app.kubernetes.io/component', operator: 'In' });
    for (const { labels, pod, name } of podsOf(manifests)) {
      const selected =
        Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value) &&
        component?.values.includes(labels['app.kubernetes.io/component'] ?? '') === true;
      const port = pod.containers.flatMap(({ ports }) => ports ?? []).find((one) => one.name === 'operations');
      expect([name, selected]).toEqual([name, port !== undefined]);
      if (selected) expect(labels[jobLabel]).toBe('sluice');
    }
  });

  it('has the rules and dashboards as they are in the files', () => {
    const manifests = render('production');
    const [rule, ...others] = manifests.filter(({ kind }) => kind === 'PrometheusRule');
    expect(others).toEqual([]);
    expect(rule?.spec).toEqual(parse(readFileSync(path.join(CHART, 'files', 'alerts.yaml'), 'utf8')));
    const files = readdirSync(path.join(CHART, 'files', 'dashboards'));
    const maps = manifests.filter(({ kind }) => kind === 'ConfigMap');
    expect(maps.flatMap(({ data }) => Object.keys(data ?? {})).sort()).toEqual(files.map((file) => `sluice-${file}`).sort());
    for (const { metadata, data } of maps) {
      expect(metadata.labels).toMatchObject({ grafana_dashboard: '1' });
      expect(metadata.annotations).toEqual({ grafana_folder: 'Sluice' });
      for (const [name, text] of Object.entries(data ?? {})) {
        expect(text.length).toBeLessThan(900_000); // a ConfigMap has at most 1 MiB
        const file = path.join(CHART, 'files', 'dashboards', name.replace('sluice-', ''));
        expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(file, 'utf8')));
      }
    }
  });

  it('lets a SIEM reach NATS only if it is told which', () => {
    const nats = (...set: string[]) =>
      render('minimal', ...set).find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'sluice-to-nats')?.spec
        ?.ingress ?? [];
    expect(
      nats()
        .flatMap(({ from }) => from ?? [])
        .filter(({ ipBlock, namespaceSelector }) => ipBlock ?? namespaceSelector),
    ).toEqual([]);
    expect(nats('networkPolicy.siem.blocks[0]=192.0.2.0/24')).toContainEqual({
      ports: [{ protocol: 'TCP', port: 4222 }],
      from: [{ ipBlock: { cidr: '192.0.2.0/24' } }],
    });
    const service = render('minimal', 'nats.service.type=LoadBalancer').find(
      ({ kind, metadata }) => kind === 'Service' && metadata.name === 'sluice-nats',
    );
    expect(service?.spec?.type).toBe('LoadBalancer');
    const [job] = render('minimal', 'nats.names[0]=nats.example.com').filter(
      ({ kind, metadata }) => kind === 'Job' && metadata.name === 'sluice-secrets',
    );
    expect(job?.spec?.template?.spec.containers[0]?.args).toContain('nats.example.com');
  });
});
