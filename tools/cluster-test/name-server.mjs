// DNS of the cluster: CoreDNS in a pod, because policies let pods look up names at pods with its label, and at nothing else.
import { writeFileSync } from 'node:fs';
import path from 'node:path';

export const DNS_IMAGE = 'sluice-test-dns:1';
export const DNS_ADDRESS = '10.96.0.10';

const metadata = { name: 'kube-dns', namespace: 'kube-system' };
const labels = { 'k8s-app': 'kube-dns' };
const COREFILE = '.:53 {\n  errors\n  cache 5\n  kubernetes cluster.local\n}\n';
/** What it reads of the cluster. */
const READS = [
  { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
];

/** Starts it on a node that has its image. */
export async function startNameServer({ kubectl, folder, nodes: [node] }) {
  const file = path.join(folder, 'name-server.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects(node.name) }));
  await kubectl('apply', '-f', file);
  await kubectl('-n', metadata.namespace, 'rollout', 'status', `deployment/${metadata.name}`, '--timeout=120s');
}

function objects(node) {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ];
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: metadata.name } };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name };
  const container = {
    name: 'dns',
    image: DNS_IMAGE,
    args: ['-conf', '/etc/coredns/Corefile'],
    ports: ports.map(({ name, port, protocol }) => ({ name, containerPort: port, protocol })),
    readinessProbe: { tcpSocket: { port: 'dns-tcp' }, periodSeconds: 1 },
    volumeMounts: [{ name: 'configuration', mountPath: '/etc/coredns' }],
  };
  const spec = {
    serviceAccountName: metadata.name,
    dnsPolicy: 'Default',
    nodeSelector: { 'kubernetes.io/hostname': node },
    containers: [container],
    volumes: [{ name: 'configuration', configMap: { name: metadata.name } }],
  };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { ...rbac, kind: 'ClusterRole', rules: READS },
    { ...rbac, kind: 'ClusterRoleBinding', roleRef, subjects: [{ kind: 'ServiceAccount', ...metadata }] },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: COREFILE } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: DNS_ADDRESS, selector: labels, ports } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  ];
}
