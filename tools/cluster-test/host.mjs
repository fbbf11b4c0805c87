// Hosts of the test: network namespaces joined by a bridge that is in one of them. Nothing of it is on the machine's own network.
//
//   sluice-control 10.240.0.1    the bridge; etcd, API server, controllers, scheduler, helm and kubectl
//   sluice-node-1  10.240.0.11   a node: containerd, kubelet, kube-proxy, network policies; its pods are 10.244.1.0/24
//   sluice-node-2  10.240.0.12   another one, 10.244.2.0/24
//   sluice-client  10.240.0.50   outside the cluster: the agent, what connects through it, and a server to connect to
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
const BRIDGE = 'br0';

/** The first host, which has the bridge. */
export const CONTROL = { name: 'sluice-control', address: '10.240.0.1' };

export class Host {
  /** Makes it, unless an earlier run left it. */
  constructor(name, address, logs) {
    this.name = name;
    this.address = address;
    this.logs = logs;
    if (existsSync(`/run/netns/${name}`)) return;
    ip('netns', 'add', name);
    this.ip('link', 'set', 'lo', 'up');
    execFileSync('ip', ['netns', 'exec', name, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
    if (name === CONTROL.name) {
      this.ip('link', 'add', BRIDGE, 'type', 'bridge');
      this.ip('addr', 'add', `${address}/24`, 'dev', BRIDGE);
      this.ip('link', 'set', BRIDGE, 'up');
      return;
    }
    const far = this.#far;
    ip('link', 'add', far, 'netns', CONTROL.name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('-n', CONTROL.name, 'link', 'set', far, 'master', BRIDGE, 'up');
    this.ip('addr', 'add', `${address}/24`, 'dev', 'eth0');
    this.ip('link', 'set', 'eth0', 'up');
    this.ip('route', 'add', 'default', 'via', CONTROL.address);
  }

  /** The end of its cable that is at the bridge. */
  get #far() {
    return `v${this.address.split('.').at(-1)}`;
  }

  /** Plugs its cable in or out. */
  cable(state) {
    ip('-n', CONTROL.name, 'link', 'set', this.#far, state === 'in' ? 'up' : 'down');
  }

  /** Runs `ip` in here. */
  ip(...args) {
    return ip('-n', this.name, ...args);
  }

  /** The command that runs another one in here; the file systems are those of the machine. */
  get prefix() {
    return ['nsenter', `--net=/run/netns/${this.name}`];
  }

  /** Runs a command to its end. @returns what it printed */
  async run(command, options = {}) {
    const [program, ...args] = [...this.prefix, ...command];
    const { stdout } = await run(program, args, { maxBuffer: 256 * 1024 * 1024, timeout: 600_000, ...options });
    return stdout;
  }

  /** Starts a program that runs until the end; what it prints is in a file of its name. */
  start(name, command, options = {}) {
    const [program, ...args] = [...this.prefix, ...command];
    const log = openSync(path.join(this.logs, `${this.name}.${name}.log`), 'a');
    const child = spawn(program, args, { stdio: ['ignore', log, log], ...options });
    child.on('error', (error) => console.error(`${name} of ${this.name}: ${error.message}`));
    return child;
  }
}
