import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  CHART,
  hasHelm,
  HELM_MS,
  type Labels,
  type Manifest,
  type PolicyPeer,
  type PolicyRule,
  podsOf,
  render,
  VALUES,
} from './rendered-chart.js';

/** One row of the table that the policies are made from. */
interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly port?: string;
  readonly only?: string;
}

const PORTS: Record<string, number> = { http: 8080, tunnel: 8443, nats: 4222, routes: 6222, postgres: 5432, operations: 9090 };
const SERVICES = ['registry', 'audit', 'health', 'api', 'gateway', 'relay', 'export'];
/** Where the exports of the file `production` connect to. */
const DESTINATION_PORTS = [8088, 6514];
const arrows = parse(readFileSync(path.join(CHART, 'files', 'arrows.yaml'), 'utf8')) as Arrow[];

/** The component that a rule's peer selects, or what stands for addresses outside. */
const peerOf = ({ podSelector, namespaceSelector, ipBlock }: PolicyPeer): string => {
  if (ipBlock) return 'outside';
  if (namespaceSelector?.matchLabels) return namespaceSelector.matchLabels['kubernetes.io/metadata.name'] ?? 'some namespaces';
  if (podSelector?.matchLabels['k8s-app'] === 'kube-dns') return 'dns';
  return podSelector?.matchLabels['app.kubernetes.io/component'] ?? 'every pod';
};

/** Every rule as lines `DIRECTION component peer port`. */
const linesOf = (policies: readonly Manifest[]): string[] =>
  policies.flatMap(({ spec }) => {
    const component = spec?.podSelector?.matchLabels['app.kubernetes.io/component'] ?? '*';
    const lines = (direction: string, rules: readonly PolicyRule[] = [], peers: (rule: PolicyRule) => PolicyPeer[] | undefined) =>
      rules.flatMap((rule) =>
        [...new Set(peers(rule)?.map(peerOf) ?? ['anybody'])].flatMap((peer) =>
          (rule.ports?.map(({ port }) => port) ?? ['any port']).map((port) => `${direction} ${component} ${peer} ${port}`),
        ),
      );
    return [...lines('in', spec?.ingress, ({ from }) => from), ...lines('out', spec?.egress, ({ to }) => to)];
  });

/** The lines that the table means, with these values. */
function expectedLines(values: string, components: readonly string[]): string[] {
  const [nats, postgres] = values === 'production' ? [[4222, 4222], [5432]] : [[4222], [5432]];
  const lines = arrows.flatMap(({ from, to, port, only }) => {
    if (only === 'secrets.create' && values === 'given-secrets') return [];
    if ((only === 'networkPolicy.monitoring' || only === 'exports') && values !== 'production') return [];
    if (to === 'destination') return DESTINATION_PORTS.map((destination) => `out ${from} outside ${destination}`);
    if (only === 'nats.replicas' && values !== 'given-secrets') return [];
    if (only === 'networkPolicy.siem') return values === 'given-secrets' ? ['in nats siem 4222', 'in nats outside 4222'] : [];
    const number = PORTS[port ?? ''];
    const ins = (to === 'services' ? SERVICES : [to]).filter((component) => components.includes(component));
    const into = ins.map((component) => `in ${component} ${from === 'any' ? 'anybody' : from} ${number}`);
    if (!components.includes(from)) return into;
    if (to === 'any') return [...into, `out ${from} outside any port`];
    if (to === 'kubernetes') return [...into, `out ${from} outside 443`, `out ${from} outside 6443`];
    if (components.includes(to)) return [...into, `out ${from} ${to} ${number}`];
    return [...into, ...(to === 'nats' ? nats : postgres).map((outside) => `out ${from} outside ${outside}`)];
  });
  return [...lines, 'out * dns 53', 'out * dns 53'];
}

describe.skipIf(!hasHelm())('the network policies', { timeout: HELM_MS }, () => {
  it.each(VALUES)('have a rule for each arrow of the table and for nothing else, with %s', (values) => {
    const manifests = render(values);
    const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
    const components = [...new Set(podsOf(manifests).map(({ component }) => component))];
    expect(linesOf(policies).sort()).toEqual(expectedLines(values, components).sort());
  });

  it('deny everything else, in both directions, for every pod of the installation', () => {
    const manifests = render('minimal');
    const base = manifests.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'sluice-default');
    expect(base?.spec?.policyTypes).toEqual(['Ingress', 'Egress']);
    for (const { labels } of podsOf(manifests)) expect(labels).toMatchObject(base?.spec?.podSelector?.matchLabels as Labels);
    for (const { spec, metadata } of manifests.filter((one) => one.kind === 'NetworkPolicy' && one !== base))
      expect(spec?.policyTypes, metadata.name).toEqual([spec?.ingress ? 'Ingress' : 'Egress']);
  });

  it('can be left out', () => {
    expect(render('minimal', 'networkPolicy.enabled=false').filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
  });
});
