import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether network namespaces can be made here: root, and the tools of Debian's iproute2 and nftables. */
export const canMakeNamespaces = process.getuid?.() === 0 && ['ip', 'nft'].every((tool) => isThere(tool));

function isThere(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs `ip`. */
export const ip = (...args: string[]): void => void execFileSync('ip', args);

/** A network namespace of a test: a machine of its own, as far as the network goes. */
export class Namespace {
  private readonly children: ChildProcess[] = [];

  constructor(readonly name: string) {
    ip('netns', 'add', name);
    this.do('ip', 'link', 'set', 'lo', 'up');
  }

  /** The command that runs another one in here. */
  get prefix(): string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  /** Runs a command in here. */
  do(...command: string[]): void {
    execFileSync('ip', ['netns', 'exec', this.name, ...command]);
  }

  /** Runs a piece of JavaScript in here, and gives what it printed. */
  async node(script: string): Promise<string> {
    return (await run('ip', this.running(script), { timeout: 60_000 })).stdout.trim();
  }

  /** Loads firewall rules. */
  rules(text: string): void {
    execFileSync('ip', ['netns', 'exec', this.name, 'nft', '-f', '-'], { input: text });
  }

  /** Joins this namespace with the test's own by a pair of devices with these addresses (with their length). @returns the device in here */
  join(outer: string, inner: string): string {
    for (const [device, addresses] of Object.entries(networkInterfaces()))
      if (addresses?.some(({ cidr }) => cidr === outer))
        throw new Error(`${device} has the address ${outer} already: each spec needs a network of its own`);
    const [there, here] = [`${this.name}0`, `${this.name}1`];
    ip('link', 'add', there, 'type', 'veth', 'peer', 'name', here);
    ip('addr', 'add', outer, 'dev', there);
    ip('link', 'set', there, 'up');
    this.address(here, inner);
    return here;
  }

  /** Gives a device of this namespace an address. */
  address(device: string, address: string): void {
    ip('link', 'set', device, 'netns', this.name);
    this.do('ip', 'addr', 'add', address, 'dev', device);
    this.do('ip', 'link', 'set', device, 'up');
  }

  /** Starts a piece of JavaScript that prints a line when it is ready, and runs until the namespace is removed. */
  async start(script: string): Promise<void> {
    const child = spawn('ip', this.running(script), { stdio: ['ignore', 'pipe', 'inherit'] });
    this.children.push(child);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
  }

  /** Brings a port of the test's loopback to the same port in here, by way of a forwarder: of loopback, because plain http is for loopback alone. */
  async bring(port: number, by: Forwarder, at = '127.0.0.1'): Promise<void> {
    const there = `n.connect(${by.port},'${by.host}')`;
    await this.start(
      `const n=require('net');n.createServer(s=>{const t=${there};s.on('error',()=>t.destroy()).pipe(t).on('error',()=>s.destroy()).pipe(s)}).listen(${port},'${at}',()=>console.log('ready'))`,
    );
  }

  remove(): void {
    for (const child of this.children) child.kill('SIGKILL');
    execFileSync('ip', ['netns', 'del', this.name], { stdio: 'ignore' });
  }

  private running(script: string): string[] {
    return ['netns', 'exec', this.name, process.execPath, '-e', script];
  }
}

/** A forwarder at an address of this machine that leads to a port of its loopback. */
export class Forwarder {
  private constructor(
    private readonly server: Server,
    readonly host: string,
  ) {}

  static async open(host: string, to: number, port = 0): Promise<Forwarder> {
    const server = createServer((socket) => {
      const inner = connect(to, '127.0.0.1');
      socket
        .on('error', () => inner.destroy())
        .pipe(inner)
        .on('error', () => socket.destroy())
        .pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    return new Forwarder(server, host);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
  }
}
