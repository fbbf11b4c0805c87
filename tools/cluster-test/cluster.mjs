// Brings the cluster up, and takes away everything of it.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { enterCgroup, removeCgroups } from './cgroups.mjs';
import { Client } from './client.mjs';
import { startControlPlane } from './control-plane.mjs';
import { eventually } from './eventually.mjs';
import { CONTROL, Host } from './host.mjs';
import { Node } from './node.mjs';

const FOLDER = '/var/tmp/sluice-cluster-test';
const HOSTS = ['sluice-client', 'sluice-node-2', 'sluice-node-1', CONTROL.name];
/** What a kubelet sets for the whole machine. */
const TUNABLES = [
  'vm.overcommit_memory',
  'vm.panic_on_oom',
  'kernel.panic',
  'kernel.panic_on_oops',
  'kernel.keys.root_maxkeys',
  'kernel.keys.root_maxbytes',
];
const TUNED = path.join(FOLDER, 'tunables.json');

const LOGS = path.join(FOLDER, 'logs');

/** What there is once it runs: control plane, nodes and client; `kubectl`, and the folder with the logs. */
function hosts(programs) {
  const control = new Host(CONTROL.name, CONTROL.address, LOGS);
  const nodes = [1, 2].map((index) => new Node(index, programs, FOLDER, LOGS));
  const client = new Client(FOLDER, LOGS);
  const kubeconfig = path.join(FOLDER, 'control', 'kubeconfig');
  const kubectlCommand = [programs.kubectl, '--kubeconfig', kubeconfig];
  const kubectl = (...args) => control.run([...kubectlCommand, ...args]);
  return { control, nodes, client, kubeconfig, kubectl, kubectlCommand, folder: FOLDER, logs: LOGS };
}

/** Whether an earlier run left a cluster. */
export const isKept = () => existsSync(TUNED);

/** The cluster that an earlier run left. @throws if it does not respond */
export async function keptCluster(programs) {
  enterCgroup();
  const cluster = hosts(programs);
  await cluster.kubectl('get', '--raw', '/readyz');
  return cluster;
}

/** Takes away what an earlier run left, and starts anew. */
export async function startCluster(programs) {
  await removeCluster();
  enterCgroup();
  mkdirSync(LOGS, { recursive: true });
  const tunables = TUNABLES.map((name) => [name, execFileSync('sysctl', ['-n', name]).toString().trim()]);
  writeFileSync(TUNED, JSON.stringify(tunables));
  const cluster = hosts(programs);
  const { control, nodes, kubectl, kubeconfig } = cluster;
  await startControlPlane(control, programs, kubectl, kubeconfig);
  for (const node of nodes) control.ip('route', 'add', `${node.pods}.0/24`, 'via', node.address);
  const [first, second] = nodes;
  first.ip('route', 'add', `${second.pods}.0/24`, 'via', second.address);
  second.ip('route', 'add', `${first.pods}.0/24`, 'via', first.address);
  const everywhere = '10.240.1.0/24'; // addresses of load balancers, until each is led to a node of its own
  control.ip('route', 'add', everywhere, 'via', first.address);
  await Promise.all(nodes.map((node) => node.boot(kubeconfig)));
  await eventually('both nodes are ready', async () => {
    const { items } = JSON.parse(await kubectl('get', 'nodes', '-o', 'json'));
    return items.filter(isReady).length === nodes.length;
  });
  return cluster;
}

/** Whether a Node of Kubernetes says that it is ready. */
export const isReady = ({ status }) => status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');

/** Takes away all of this cluster or an earlier one: whatever runs in its namespaces, and nothing else. */
export async function removeCluster() {
  const client = path.join(FOLDER, 'client');
  for (const host of HOSTS) {
    if (!existsSync(`/run/netns/${host}`)) continue;
    await eventually(`nothing runs on ${host}`, () => killAll(host), 30, 200);
    spawnSync('ip', ['netns', 'del', host]);
    rmSync(`/etc/netns/${host}`, { recursive: true, force: true });
  }
  rmSync(client, { recursive: true, force: true });
  await eventually('the control groups are empty', () => removeCgroups(), 30, 200);
  if (existsSync(TUNED))
    for (const [name, value] of JSON.parse(readFileSync(TUNED, 'utf8'))) spawnSync('sysctl', ['-qw', `${name}=${value}`]);
  rmSync(FOLDER, { recursive: true, force: true });
}

/** @returns whether there was nothing to kill; the first process of a node takes its containers with it */
function killAll(host) {
  const pids = execFileSync('ip', ['netns', 'pids', host]).toString().split('\n').filter(Boolean);
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it has ended
    }
  }
  return pids.length === 0;
}
