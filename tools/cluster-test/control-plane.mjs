// etcd, API server, controller manager and scheduler on the first host, with an authority and tokens of their own.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from './eventually.mjs';

/** Addresses of Services. */
export const SERVICES = '10.96.0.0/16';
/** Address of the Service `kubernetes`. */
export const API_ADDRESS = '10.96.0.1';

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
  const names = `DNS:kubernetes.default.svc,DNS:kubernetes.default,DNS:kubernetes,IP:${API_ADDRESS},IP:${address}`;
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
