import { describe, expect, it } from 'vitest';
import { hasHelm, HELM_MS, podsOf, render } from './rendered-chart.js';

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const environments = (...set: string[]) =>
  podsOf(render('production', ...set)).map(({ component, pod }) => ({ component, env: pod.containers[0]?.env ?? [] }));
const services = ['api', 'audit', 'export', 'gateway', 'health', 'registry', 'relay'];
const policies = (...set: string[]) =>
  render('production', ...set).filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'sluice-traces');

describe.skipIf(!hasHelm())('traces in the chart', { timeout: HELM_MS }, () => {
  it('are off unless an endpoint is set', () => {
    expect(environments().flatMap(({ env }) => env.filter(({ name }) => name.startsWith('OTEL_')))).toEqual([]);
    expect(policies()).toEqual([]);
  });

  it('go from every service, and nothing else, to the collector', () => {
    const set = ['traces.endpoint=http://collector.monitoring:4318', 'traces.env.OTEL_TRACES_SAMPLER=parentbased_always_off'];
    const tracing = environments(...set).filter(({ env }) => env.some(({ name }) => name === ENDPOINT));
    expect([...new Set(tracing.map(({ component }) => component))].sort()).toEqual(services);
    for (const { env } of tracing) expect(env).toContainEqual({ name: 'OTEL_TRACES_SAMPLER', value: 'parentbased_always_off' });
    const [policy] = policies(...set, 'networkPolicy.collector.ports={4319}');
    expect(policy?.spec?.egress?.[0]?.ports).toEqual([{ port: 4319, protocol: 'TCP' }]);
    const selector = policy?.spec?.podSelector as { matchExpressions?: { values: string[] }[] } | undefined;
    expect([...(selector?.matchExpressions?.[0]?.values ?? [])].sort()).toEqual(services);
  });

  it('reject an endpoint with a password, which would be readable in the pod', () => {
    expect(() => render('minimal', 'traces.endpoint=http://me:secret@collector:4318')).toThrow();
  });
});
