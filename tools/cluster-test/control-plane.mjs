// etcd, API server, controller manager, scheduler and DNS on the first host, with an authority and tokens of their own.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from './eventually.mjs';

const SERVICES = '10.96.0.0/16';
export const DNS_ADDRESS = '10.96.0.10';
const OWN_ADDRESS = '10.96.0.1'; // of the Service `kubernetes`

/** Starts them, with the files beside the one that tells kubectl of the cluster. */
export async function startControlPlane(host, programs, kubectl, kubeconfig) {
  const folder = path.dirname(kubeconfig);
  mkdirSync(folder, { recursive: true });
  const file = (name) => path.join(folder, name);
  certificates(file, host.address);
  const token = randomBytes(16).toString('hex');
  writeFileSync(file('tokens.csv'), `${token},cluster-test,cluster-test,system:masters\n`);
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: `https://${host.address}:6443`, 'certificate-authority': file('ca.pem') } }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    }),
  );
  const start = (name, ...args) => host.start(name, [programs.kubernetes, name, ...args]);

  start('etcd', '--data-dir', file('etcd'), '--unsafe-no-fsync', '--listen-peer-urls', 'http://127.0.0.1:2380');
  start(
    'kube-apiserver',
    '--etcd-servers=http://127.0.0.1:2379',
    `--advertise-address=${host.address}`,
    `--service-cluster-ip-range=${SERVICES}`,
    `--token-auth-file=${file('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${file('accounts.pem')}`,
    `--service-account-signing-key-file=${file('accounts.pem')}`,
    `--tls-cert-file=${file('server.pem')}`,
    `--tls-private-key-file=${file('server-key.pem')}`,
    '--kubelet-preferred-address-types=InternalIP',
    // pods of a lost node are replaced after these seconds, in place of five minutes
    '--default-unreachable-toleration-seconds=10',
    '--default-not-ready-toleration-seconds=10',
  );
  await eventually('the API server is ready', () => kubectl('get', '--raw', '/readyz'));
  start(
    'kube-controller-manager',
    `--kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${file('accounts.pem')}`,
    `--root-ca-file=${file('ca.pem')}`,
    '--leader-elect=false',
    '--node-monitor-grace-period=20s',
  );
  start('kube-scheduler', `--kubeconfig=${kubeconfig}`, '--leader-elect=false');
  writeFileSync(
    file('Corefile'),
    `.:53 {\n  errors\n  cache 5\n  kubernetes cluster.local {\n    kubeconfig ${kubeconfig}\n  }\n}\n`,
  );
  host.start('dns', [programs.dns, '-conf', file('Corefile')]);
  writeFileSync(file('dns.json'), JSON.stringify(dnsService(host.address)));
  await kubectl('apply', '-f', file('dns.json'));
}

function certificates(file, address) {
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    file('ca-key.pem'),
    '-out',
    file('ca.pem'),
    '-subj',
    '/CN=cluster-test',
    '-days',
    '2',
  );
  const names = `DNS:kubernetes.default.svc,DNS:kubernetes.default,DNS:kubernetes,IP:${OWN_ADDRESS},IP:${address}`;
  const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca-key.pem'), '-days', '2', '-addext', `subjectAltName=${names}`];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    file('server-key.pem'),
    '-out',
    file('server.pem'),
    '-subj',
    '/CN=kubernetes',
    ...signed,
  );
  openssl('genrsa', '-out', file('accounts.pem'), '2048');
}

/** The DNS server is outside the cluster, so its Service has no selector. */
function dnsService(address) {
  const metadata = { name: 'kube-dns', namespace: 'kube-system' };
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ];
  const service = { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: DNS_ADDRESS, ports } };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kube-dns' } },
    addressType: 'IPv4',
    ports,
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  };
  return { apiVersion: 'v1', kind: 'List', items: [service, slice] };
}
