import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SECRETS } from '../installation-secrets.mjs';
import {
  CHART,
  filesOf,
  hasHelm,
  HELM_MS,
  helm,
  type Labels,
  type Manifest,
  podsOf,
  render,
  renderNotes,
  VALUES,
} from './rendered-chart.js';

const root = path.join(import.meta.dirname, '..', '..');
const covers = (selector: Labels, labels: Labels) => Object.entries(selector).every(([key, value]) => labels[key] === value);
/** The label that the StatefulSet's controller adds to each pod. */
const withIndex = (labels: Labels): Labels => ({ 'apps.kubernetes.io/pod-index': '0', ...labels });

describe.skipIf(!hasHelm())('the chart', { timeout: HELM_MS }, () => {
  const rendered = new Map<string, Manifest[]>();
  const manifests = (values: string): Manifest[] => {
    if (!rendered.has(values)) rendered.set(values, render(values));
    return rendered.get(values) as Manifest[];
  };

  it.each(VALUES)('passes `helm lint` with %s, and every object has a name of its own', (values) => {
    expect(helm('lint', '.', '--strict', '--values', `ci/${values}.yaml`)).toContain('0 chart(s) failed');
    const names = manifests(values).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(names.length).toBeGreaterThan(20);
    expect(names).toEqual([...new Set(names)]);
    for (const { metadata } of manifests(values)) expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
    const chart = parse(readFileSync(path.join(CHART, 'Chart.yaml'), 'utf8')) as Record<string, string>;
    expect([chart['version'], chart['appVersion']]).toEqual([version, version]);
  });

  it.each([
    ['host=', 'host'],
    ['gateway.tunnel.expose=Ingress', 'expose'],
    ['relays[0].replicas=two', 'replicas'],
    ['images.digests.relay=latest', 'digests'],
    ['netwrokPolicy.enabled=false', 'netwrokPolicy'],
    ['nats.mode=external', 'nats.address is needed'],
    ['exports[0].name=lonely', 'exports'],
    ['gateway.tunnel.expose=TCPRoute', 'gatewayApi needs a className'],
    ['relays[0].name=a-name-that-is-too-long-for-it', 'name'],
  ])('rejects %s', (set, why) => {
    expect(() => render('minimal', set)).toThrow(why);
  });

  it.each(VALUES)('selects with %s what exists: pods by workloads, Services, budgets and policies; ports by name', (values) => {
    const pods = podsOf(manifests(values));
    for (const { kind, metadata, spec } of manifests(values)) {
      const selector =
        spec?.podSelector?.matchLabels ?? spec?.selector?.matchLabels ?? (kind === 'Service' ? spec?.selector : undefined);
      if (selector === undefined) continue;
      const selected = pods.filter(
        ({ labels }) => covers(selector as Labels, withIndex(labels)) || 'apps.kubernetes.io/pod-index' in selector,
      );
      expect(selected.length, `${kind} ${metadata.name}`).toBeGreaterThan(0);
      if (spec?.template) expect(covers(selector as Labels, spec.template.metadata.labels), metadata.name).toBe(true);
      if (kind !== 'Service') continue;
      const own = selected.filter(({ labels }) =>
        covers(selector as Labels, { ...withIndex(labels), ...pickIndex(selector as Labels) }),
      );
      expect(own.length, metadata.name).toBe(1);
      for (const { targetPort, name } of spec?.ports ?? []) {
        expect([metadata.name, name, targetPort]).toEqual([metadata.name, expect.any(String), expect.any(String)]);
        expect(own[0]?.pod.containers.flatMap(({ ports }) => (ports ?? []).map((port) => port.name))).toContain(targetPort);
      }
    }
    for (const { spec } of manifests(values).filter(({ kind }) => kind === 'StatefulSet')) {
      const service = manifests(values).find(({ kind, metadata }) => kind === 'Service' && metadata.name === spec?.serviceName);
      expect(service?.spec?.selector, spec?.serviceName).toEqual(spec?.selector?.matchLabels);
    }
  });

  it('does not select the relays of another group', () => {
    const groups = manifests('production').filter(
      ({ metadata }) => metadata.name.includes('-relay-') && metadata.labels?.['sluice/relays'],
    );
    expect(groups).toHaveLength(2);
    const [one, other] = groups as [Manifest, Manifest];
    expect(covers(one.spec?.selector?.matchLabels as Labels, other.spec?.template?.metadata.labels as Labels)).toBe(false);
  });

  it.each(VALUES)('meets the restricted Pod Security standard with %s', (values) => {
    for (const { name, component, pod } of podsOf(manifests(values))) {
      expect(pod.automountServiceAccountToken, name).toBe(false);
      expect(pod.securityContext, name).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.securityContext?.['runAsUser'], name).toBeGreaterThan(0);
      for (const volume of pod.volumes ?? [])
        expect(Object.keys(volume), name).toEqual(['name', expect.stringMatching(/^(emptyDir|projected)$/)]);
      for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
        expect(container.securityContext, name).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        const hostPorts = (container.ports ?? []).filter(({ hostPort }) => hostPort !== undefined);
        expect(hostPorts.length, name).toBe(values === 'host-port' && component === 'gateway' ? 1 : 0);
      }
    }
  });

  it.each(VALUES)('limits every container with %s, names its ports, and probes every service', (values) => {
    for (const { name, pod } of podsOf(manifests(values)))
      for (const container of pod.containers) {
        for (const kind of ['requests', 'limits'] as const)
          expect(Object.keys(container.resources?.[kind] ?? {}).sort(), name).toEqual(['cpu', 'memory']);
        const names = (container.ports ?? []).map((port) => port.name);
        expect(names, name).toEqual([...new Set(names)].filter(Boolean));
        if (pod.terminationGracePeriodSeconds === 30 && names.length === 0) continue; // a Job
        for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const) {
          const { httpGet, exec, timeoutSeconds = 1 } = container[probe] ?? {};
          expect(timeoutSeconds, `${name} ${probe}: one second is too short on a busy node`).toBeGreaterThan(1);
          expect(exec !== undefined || names.includes(String(httpGet?.port)), `${name} ${probe}`).toBe(true);
        }
      }
    for (const { name, pod } of podsOf(manifests(values)))
      for (const { emptyDir } of (pod.volumes ?? []).filter((volume) => volume.emptyDir))
        expect(emptyDir?.sizeLimit, name).toBeDefined();
  });

  it('leaves the number of relays to the autoscaler of a group that has one, which removes one pod at a time', () => {
    const [scaler, ...others] = manifests('production').filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
    expect(others).toEqual([]);
    expect(scaler?.spec).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name: 'sluice-relay-default' },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 70 } } },
        {
          type: 'Pods',
          pods: { metric: { name: 'sluice_relay_sessions' }, target: { type: 'AverageValue', averageValue: '500' } },
        },
      ],
      behavior: { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 1800 }] } },
    });
    const replicas = (name: string) =>
      manifests('production').find(({ spec, metadata }) => spec?.template && metadata.name === name)?.spec?.replicas;
    expect([replicas('sluice-relay-default'), replicas('sluice-relay-payments')]).toEqual([undefined, 2]);
    expect(() => render('minimal', 'relays[0].autoscaling.minReplicas=2')).toThrow('autoscaling');
  });

  it('lets KEDA count the sessions of one group if it is told where Prometheus is, in place of the other autoscaler', () => {
    const scaled = render('production', 'relays[0].autoscaling.prometheus=http://prometheus.monitoring:9090');
    expect(scaled.filter(({ kind }) => kind === 'HorizontalPodAutoscaler')).toEqual([]);
    const [scaler, ...others] = scaled.filter(({ kind }) => kind === 'ScaledObject');
    expect(others).toEqual([]);
    expect(scaler?.spec).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name: 'sluice-relay-default' },
      ...{ minReplicaCount: 4, maxReplicaCount: 20 },
      triggers: [
        { type: 'prometheus', metadata: { threshold: '500' } },
        { type: 'cpu', metadata: { value: '70' } },
      ],
      advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown: { policies: [{ value: 1, periodSeconds: 1800 }] } } } },
    });
    const { query } = (scaler?.spec as { triggers: { metadata: { query: string } }[] } | undefined)?.triggers[0]?.metadata ?? {
      query: '',
    };
    const pods = new RegExp(`^${/pod=~"([^"]+)"/.exec(query)?.[1]}$`);
    expect(pods.test('sluice-relay-default-6b9f7c-x2x4q')).toBe(true);
    expect(pods.test('sluice-relay-default-eu-6b9f7c-x2x4q')).toBe(false);
    expect(query).toMatch(/^sum\(sluice_relay_sessions\{namespace="[a-z]+",/);
    expect(() => render('production', 'relays[0].autoscaling.prometheus=prometheus')).toThrow('prometheus');
    const withoutSessions = ['minReplicas=2', 'maxReplicas=3', 'cpuPercent=70', 'prometheus=http://p:9090'];
    expect(() => render('minimal', ...withoutSessions.map((one) => `relays[0].autoscaling.${one}`))).toThrow('autoscaling');
  });

  it('gives a pod half a minute more than its drain', () => {
    const grace = (component: string) => podsOf(manifests('production')).find((one) => one.component === component)?.pod;
    expect(grace('gateway')?.terminationGracePeriodSeconds).toBe(3630);
    expect(grace('relay')?.terminationGracePeriodSeconds).toBe(3630);
    for (const component of ['gateway', 'relay'])
      expect(grace(component)?.containers[0]?.env).toContainEqual({ name: 'SLUICE_DRAIN_SECONDS', value: '3600' });
  });

  it.each(VALUES)('restarts no pod with %s only because the chart has another version', (values) => {
    const templates = manifests(values).flatMap(({ metadata, spec }) =>
      spec?.template ? [[metadata.name, spec.template] as const] : [],
    );
    expect(templates.length).toBeGreaterThan(5);
    const versioned = /"(helm.sh\/chart|app.kubernetes.io\/version)"/;
    for (const [name, { metadata }] of templates) expect(JSON.stringify(metadata), name).not.toMatch(versioned);
  });

  it('has a server of NATS hand over what it leads before it stops', () => {
    const nats = podsOf(manifests('given-secrets')).find(({ component }) => component === 'nats');
    expect(nats?.pod.containers[0]?.lifecycle?.preStop.exec.command).toEqual(['nats-server', '--signal', 'ldm=1']);
    expect(nats?.pod.terminationGracePeriodSeconds).toBeGreaterThan(30);
  });

  it.each(VALUES)(
    'spreads pods over nodes with %s by a label that every node has, of several constraints all must be there, and new ones by themselves',
    (values) => {
      for (const { name, pod } of podsOf(manifests(values))) {
        const spread = pod.topologySpreadConstraints?.map(({ topologyKey, matchLabelKeys }) => [topologyKey, matchLabelKeys]);
        expect([name, spread]).toEqual([name, [['kubernetes.io/hostname', ['pod-template-hash']]]]);
      }
    },
  );

  it('replaces the next gateway when relays and agents have had time to use the one before it again', () => {
    const [gateways] = manifests('production').filter(
      ({ kind, metadata }) => kind === 'StatefulSet' && /-gateway$/.test(metadata.name),
    );
    expect((gateways?.spec as { minReadySeconds?: number } | undefined)?.minReadySeconds).toBe(20);
  });

  it.each(VALUES)('contains no secret with %s, and mounts only files that the set-up makes or the values name', (values) => {
    expect(manifests(values).filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const made = new Map(
      Object.entries(SECRETS as Record<string, string[]>).map(([secret, files]) => [`sluice-${secret}`, files]),
    );
    const given =
      /^(sluice-db-ca|sluice-db-superuser|sluice-certificate|company-ca|sluice-api-certificate|splunk-reader|splunk-token|archive-reader)$/;
    const users = new Map<string, Set<string>>();
    for (const { name, component, pod } of podsOf(manifests(values)))
      for (const { secret, key } of filesOf(pod)) {
        if (!given.test(secret)) expect(made.get(secret), `${name} ${secret}`).toContain(key);
        users.set(key, (users.get(key) ?? new Set()).add(component));
      }
    expect([...(users.get('ca-seal-key') ?? [])]).toEqual(['registry']);
    expect([...(users.get('bus-relays-seed') ?? [])]).toEqual(['registry']);
    expect([...(users.get('admin-password') ?? [])].filter((user) => user !== 'relay-keys')).toEqual(['registry']);
    expect(users.get('bus-ca-key.pem')).toBeUndefined();
  });

  it('lets the set-up read only the Secrets that it makes', () => {
    const roles = manifests('minimal').filter(({ kind }) => kind === 'Role');
    expect(roles.map(({ metadata }) => metadata.name)).toEqual(['sluice-relay-keys', 'sluice-secrets']);
    for (const { rules } of roles) {
      const named = rules?.filter(({ resourceNames }) => resourceNames !== undefined) ?? [];
      const open = rules?.filter(({ resourceNames }) => resourceNames === undefined) ?? [];
      expect(open.map(({ resources, verbs }) => [resources, verbs])).toEqual([[['secrets'], ['create']]]);
      expect(named.map(({ resources }) => resources)).toEqual([['secrets']]);
    }
    const names = Object.keys(SECRETS as object).map((secret) => `sluice-${secret}`);
    expect(roles[1]?.rules?.[0]?.resourceNames).toEqual(names);
    expect(manifests('given-secrets').filter(({ kind }) => /Role|ServiceAccount/.test(kind))).toEqual([]);
  });

  it('pulls by digest the images that have one', () => {
    const images = podsOf(manifests('production')).map(({ pod }) => pod.containers[0]?.image);
    expect(
      images.filter((image) => !/^registry\.example\.com\/access\/sluice-\w+@sha256:[0-9a-f]{64}$/.test(image ?? '')),
    ).toEqual([]);
    expect(podsOf(manifests('minimal')).some(({ pod }) => pod.containers[0]?.image === 'sluice-relay:0.1.0')).toBe(true);
    for (const { name, pod } of podsOf(manifests('gateway-api')))
      for (const { image } of pod.containers) expect(image, name).toMatch(/@sha256:[0-9a-f]{64}$/);
    expect(() => render('minimal', 'images.requireDigests=true')).toThrow('images.requireDigests is set');
    expect(() => render('gateway-api', 'images.nats=nats:2.14')).toThrow('images.nats has no digest');
  });

  it('gives agents and relays the address of each tunnel port', () => {
    const advertised = (values: string) => {
      const env = podsOf(manifests(values)).find(({ component }) => component === 'gateway')?.pod.containers[0]?.env ?? [];
      return [...'_TO_RELAYS'.split('|'), ''].map(
        (end) => env.find(({ name }) => name === `SLUICE_TUNNEL_ADVERTISED${end}`)?.value,
      );
    };
    const inside = '$(POD_NAME).sluice-gateway:8443';
    expect(advertised('minimal')).toEqual([inside, 'gateway-$(POD_INDEX).sluice.example.com:8443']);
    expect(advertised('laptop')).toEqual([inside, 'localhost:8443']);
    expect(advertised('host-port')).toEqual([inside, '$(HOST_ADDRESS):8443']);
    expect(advertised('gateway-api')).toEqual([inside, 'gateway.sluice.example.com:844$(POD_INDEX)']);
    expect(advertised('given-secrets')).toEqual([undefined, 'sluice.example.com:3084$(POD_INDEX)']);
    const ports = manifests('given-secrets').flatMap(({ spec }) => (spec?.ports ?? []).flatMap(({ nodePort }) => nodePort ?? []));
    expect(ports).toEqual([30840, 30841]);
  });

  it('leads with a TCPRoute for each pod from a port of the Gateway to that pod', () => {
    type Route = { parentRefs: object[]; rules: { backendRefs: { name: string; port: number }[] }[] };
    const [gateway] = manifests('gateway-api').filter(({ kind }) => kind === 'Gateway');
    const { listeners } = gateway?.spec as unknown as { listeners: { name: string; port: number }[] };
    expect(listeners.map(({ name, port }) => [name, port])).toEqual([
      ['tunnel-0', 8440],
      ['tunnel-1', 8441],
    ]);
    const routes = manifests('gateway-api').filter(({ kind }) => kind === 'TCPRoute');
    expect(routes.map(({ metadata }) => metadata.name)).toEqual(['sluice-gateway-0', 'sluice-gateway-1']);
    for (const [index, { spec }] of routes.entries()) {
      const { parentRefs, rules } = spec as unknown as Route;
      expect(parentRefs).toEqual([{ name: gateway?.metadata.name, sectionName: `tunnel-${index}` }]);
      const [{ name, port } = { name: '', port: 0 }] = rules[0]?.backendRefs ?? [];
      const service = manifests('gateway-api').find(({ kind, metadata }) => kind === 'Service' && metadata.name === name);
      expect(service?.spec?.selector).toMatchObject({ 'apps.kubernetes.io/pod-index': String(index) });
      expect(service?.spec?.ports?.map((one) => one.port)).toEqual([port]);
    }
    const named = ['name=shared', 'namespace=edge', 'version=v1alpha2'].map((one) => `gateway.tunnel.gatewayApi.${one}`);
    const others = render('minimal', 'gateway.tunnel.expose=TCPRoute', ...named);
    expect(others.filter(({ kind }) => kind === 'Gateway')).toEqual([]);
    const [route] = others.filter(({ kind }) => kind === 'TCPRoute');
    expect(route?.apiVersion).toBe('gateway.networking.k8s.io/v1alpha2');
    expect(route?.spec).toMatchObject({ parentRefs: [{ name: 'shared', namespace: 'edge', sectionName: 'tunnel-0' }] });
  });

  it('shows after the installation what to type next', () => {
    const notes = renderNotes('laptop');
    expect(notes).toContain('kubectl --namespace access get pods --watch');
    expect(notes).toContain(
      'sluice login --server https://localhost:8080 --email admin@sluice.example --password-file admin-password',
    );
    expect(notes).toContain('port-forward pod/sluice-gateway-0 8443:8443');
    expect(
      execFileSync('sh', [
        '-nc',
        (notes ?? '')
          .split('\n')
          .filter((line) => line.startsWith('  '))
          .join('\n'),
      ]).toString(),
    ).toBe('');
  });
});

const pickIndex = (selector: Labels): Labels =>
  Object.fromEntries(Object.entries(selector).filter(([key]) => key.endsWith('/pod-index')));
