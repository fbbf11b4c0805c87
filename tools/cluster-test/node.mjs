// A node: a host whose processes have process ids and mounts of their own, so that killing the first of them loses the node with everything
// on it at once, as a power cut does.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CGROUP, makeCgroups, removeCgroupsOf } from './cgroups.mjs';
import { SERVICES } from './control-plane.mjs';
import { eventually } from './eventually.mjs';
import { Host } from './host.mjs';
import { DNS_ADDRESS } from './name-server.mjs';

/** Runs a command again when it fails, as systemd would: a kubelet ends if containerd still reads what containers it had. */
const KEPT_RUNNING = ['bash', '-c', 'until "$@"; do sleep 1; done'];

/** Is there if the kernel has, or has loaded, what lets rules see frames that a bridge forwards. */
const BRIDGE_SETTINGS = '/proc/sys/net/bridge';

/** Folders whose names are fixed in the programs: each node sees its own in their place. */
const OWN = ['/run', '/var/lib/kubelet', '/var/lib/containerd', '/var/lib/cni', '/var/log', '/etc/cni', '/opt'];

export class Node extends Host {
  #folder;
  #programs;

  constructor(index, programs, folder, logs) {
    super(`sluice-node-${index}`, `10.240.0.1${index}`, logs);
    this.index = index;
    this.pods = `10.244.${index}`;
    this.#folder = path.join(folder, this.name);
    this.#programs = programs;
  }

  /** Where volumes of the node are, as the node and the machine see them. */
  get volumes() {
    return path.join(this.#folder, 'volumes');
  }

  /** Starts container engine, kubelet, proxy, and what enforces network policies. */
  async boot(kubeconfig) {
    for (const own of OWN) mkdirSync(path.join(this.#folder, own), { recursive: true });
    for (const own of OWN) mkdirSync(own, { recursive: true });
    mkdirSync(this.volumes, { recursive: true });
    this.#writeConfiguration();
    makeCgroups(this.name);
    const mounts = OWN.map((own) => `mount --bind ${path.join(this.#folder, own)} ${own}`).join(' && ');
    const script = `mount --make-rshared / && ${mounts} && touch ${this.#folder}/up && trap 'exit 0' TERM; while :; do sleep 60 & wait; done`;
    const first = this.start('first', [
      'unshare',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount',
      '--mount-proc',
      'bash',
      '-c',
      script,
    ]);
    await eventually('the node has its mounts', () => existsSync(path.join(this.#folder, 'up')), 10, 50);
    writeFileSync(this.#firstFile, readFileSync(`/proc/${first.pid}/task/${first.pid}/children`));
    const inside = this.#inside();
    const start = (name, ...command) => this.start(name, [...inside, ...KEPT_RUNNING, name, ...command]);
    start('containerd', 'containerd', '--config', path.join(this.#folder, 'containerd.toml'));
    await eventually('containerd responds', () => this.ctr('version'), 30);
    const kubernetes = this.#programs.kubernetes;
    const options = [`--kubeconfig=${kubeconfig}`, `--hostname-override=${this.name}`, `--node-ip=${this.address}`];
    start('kubelet', kubernetes, 'kubelet', `--config=${path.join(this.#folder, 'kubelet.json')}`, ...options);
    start('kube-proxy', kubernetes, 'kube-proxy', `--config=${path.join(this.#folder, 'proxy.json')}`);
    // has the rules see what goes from pod to pod on this node, too, which the bridge forwards
    if (!existsSync(BRIDGE_SETTINGS)) await this.run(['modprobe', 'br_netfilter']);
    await this.run(['sysctl', '-qw', 'net.bridge.bridge-nf-call-iptables=1']);
    const [server, name] = options;
    start('policies', this.#programs.policies, server, name, `--service-cluster-ip-range=${SERVICES}`);
  }

  /** Has the id of the first process, as the machine numbers it. */
  get #firstFile() {
    return path.join(this.#folder, 'first.pid');
  }

  get #first() {
    return readFileSync(this.#firstFile, 'utf8').trim();
  }

  #inside() {
    return ['nsenter', '-t', this.#first, '--mount', '--pid'];
  }

  /** containerd's own client. */
  ctr(...args) {
    return this.run([...this.#inside(), 'ctr', '--namespace', 'k8s.io', ...args]);
  }

  /** Loses the node: every process of it ends at once, and its network is gone. */
  lose() {
    this.cable('out');
    process.kill(Number(this.#first), 'SIGKILL');
  }

  /** Brings a lost node back, as a machine that starts again: its disk is as it was, what was in memory is gone. */
  async restart(kubeconfig) {
    rmSync(path.join(this.#folder, 'up'));
    rmSync(path.join(this.#folder, 'run'), { recursive: true, force: true });
    await eventually('its processes have ended', () => removeCgroupsOf(this.name), 30, 200);
    this.cable('in');
    await this.boot(kubeconfig);
  }

  /** Runs a program of this machine in the network namespace of a container's pod. @param id as the status of the pod has it */
  async runBeside(id, command) {
    const tasks = await this.ctr('tasks', 'list');
    const [, pid] = tasks
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .find(([container]) => container === id.replace('containerd://', ''));
    return this.run(['nsenter', `--net=/proc/${this.#first}/root/proc/${pid}/ns/net`, ...command]);
  }

  /** Kills the process of a container with SIGKILL. @param id as the status of a pod has it */
  kill(id) {
    return this.ctr('tasks', 'kill', '--signal', 'SIGKILL', id.replace('containerd://', ''));
  }

  #writeConfiguration() {
    const write = (name, text) => writeFileSync(path.join(this.#folder, name), text);
    write(
      'containerd.toml',
      `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/sluice-test-pause:1"
  disable_hugetlb_controller = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
`,
    );
    mkdirSync(path.join(this.#folder, '/etc/cni/net.d'), { recursive: true });
    const ipam = { type: 'host-local', ranges: [[{ subnet: `${this.pods}.0/24` }]], routes: [{ dst: '0.0.0.0/0' }] };
    const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: false, hairpinMode: true, ipam };
    const plugins = [bridge, { type: 'portmap', capabilities: { portMappings: true } }];
    write('etc/cni/net.d/10-pods.conflist', JSON.stringify({ cniVersion: '1.0.0', name: 'pods', plugins }));
    write(
      'kubelet.json',
      JSON.stringify({
        apiVersion: 'kubelet.config.k8s.io/v1beta1',
        kind: 'KubeletConfiguration',
        authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
        authorization: { mode: 'AlwaysAllow' },
        cgroupDriver: 'cgroupfs',
        cgroupRoot: `/${CGROUP}/${this.name}`,
        failCgroupV1: false,
        clusterDNS: [DNS_ADDRESS],
        clusterDomain: 'cluster.local',
        containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
        evictionHard: {
          'memory.available': '200Mi',
          'nodefs.available': '1%',
          'imagefs.available': '1%',
          'nodefs.inodesFree': '1%',
        },
        imageGCHighThresholdPercent: 100,
        nodeStatusUpdateFrequency: '4s',
        resolvConf: '',
      }),
    );
    write(
      'proxy.json',
      JSON.stringify({
        apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
        kind: 'KubeProxyConfiguration',
        clientConnection: { kubeconfig: path.join(path.dirname(this.#folder), 'control', 'kubeconfig') },
        mode: 'nftables',
        clusterCIDR: '10.244.0.0/16',
        hostnameOverride: this.name,
        // these are settings of the whole machine
        conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
      }),
    );
  }
}
