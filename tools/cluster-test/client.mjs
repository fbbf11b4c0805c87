// A user's machine outside the cluster: signs in, connects servers, and measures what goes through its agent.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ADDRESSES } from './load-balancer.mjs';
import { Host } from './host.mjs';

export const HOST_NAME = 'sluice.test';
const NAMES = {
  'sluice-api': HOST_NAME,
  'sluice-gateway-0': `gateway-0.${HOST_NAME}`,
  'sluice-gateway-1': `gateway-1.${HOST_NAME}`,
};
const agent = path.join(import.meta.dirname, '..', '..', 'apps', 'agent', 'bin', 'sluice.mjs');
const connections = path.join(import.meta.dirname, 'connections.mjs');

export class Client extends Host {
  #folder;

  constructor(folder, logs) {
    super('sluice-client', '10.240.0.50', logs);
    this.#folder = path.join(folder, 'client');
    mkdirSync(this.#folder, { recursive: true });
    mkdirSync(`/etc/netns/${this.name}`, { recursive: true });
    const lines = Object.entries(NAMES).map(([service, name]) => `${ADDRESSES[service]} ${name}`);
    writeFileSync(`/etc/netns/${this.name}/hosts`, ['127.0.0.1 localhost', ...lines, ''].join('\n'));
  }

  /** With the names of its own `hosts` file. */
  get prefix() {
    return ['ip', 'netns', 'exec', this.name];
  }

  get #env() {
    return {
      ...process.env,
      SLUICE_CONFIG_HOME: path.join(this.#folder, 'agent'),
      NODE_EXTRA_CA_CERTS: this.file('ca.pem'),
      NO_COLOR: '1',
    };
  }

  file(name) {
    return path.join(this.#folder, name);
  }

  sluice(...args) {
    return this.run([process.execPath, agent, ...args], { env: this.#env });
  }

  /** Connects a server. @returns the port at which it is found */
  async connect(server) {
    const { results } = JSON.parse(await this.sluice('connect', server, '--json'));
    return Number(results[0].address.split(':').at(-1));
  }

  /** Serves what connections lead to; it runs as long as the cluster. */
  serveEcho(port) {
    this.start('echo', [process.execPath, connections, 'echo', String(port)]);
  }

  /** Starts `load` or `hold` of connections.mjs. @returns `stop`, which gives what it measured, and `begun` */
  measure(...args) {
    const [program, ...rest] = [...this.prefix, process.execPath, connections, ...args.map(String)];
    const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
    let printed = '';
    let said = '';
    child.stdout.on('data', (data) => (printed += data));
    const begun = new Promise((resolve, reject) => {
      child.stderr.on('data', (data) => {
        said += data;
        if (said.startsWith('open')) resolve();
      });
      child.once('exit', () => reject(new Error(`the sessions did not open: ${said}`)));
    });
    begun.catch(() => undefined); // only `hold` says when it has begun
    const exit = new Promise((resolve) => child.once('close', resolve));
    const stop = async () => {
      child.stdin.end();
      await exit;
      if (printed === '') throw new Error(`connections ${args.join(' ')}: ${said}`);
      return JSON.parse(printed);
    };
    return { begun, stop };
  }
}
