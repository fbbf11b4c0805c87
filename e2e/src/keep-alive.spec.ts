import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { connect as dial, createServer, type Server } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort, type Installation } from '@sluice/embedded';
import { unwrap } from '@sluice/sdk';
import { handleOf, startSystem, stopSystem, TestSystem, type TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echo, Resource } from './resource.js';

const run = promisify(execFile);
const FORGETS_AFTER_S = 5;
const SILENCE_MS = 12_000;
const able = process.getuid?.() === 0 && ['ip', 'nft'].every((tool) => there(tool));

function there(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * An agent behind a router that forgets flows:
 *
 *   namespace "user" 10.203.1.2 ──── 10.203.1.1 namespace "nat" 10.203.0.2 ──── 10.203.0.1 this one: gateway, relay, API
 *        agent, client                 masquerades, forgets after 5 s
 */
const tag = `s${process.pid.toString(36)}`;
const USER = `${tag}u`;
const NAT = `${tag}n`;
const ip = (...args: string[]) => execFileSync('ip', args);
const within = (namespace: string, ...command: string[]) => execFileSync('ip', ['netns', 'exec', namespace, ...command]);

let installation: Installation;
let system: TestSystem;
let user: TestUser;
let resource: Resource;
let forwarder: Server;
let serverName: string;
const children: ChildProcess[] = [];

function makeNetwork(): void {
  ip('netns', 'add', USER);
  ip('netns', 'add', NAT);
  ip('link', 'add', `${tag}0`, 'type', 'veth', 'peer', 'name', `${tag}1`);
  ip('link', 'add', `${tag}2`, 'type', 'veth', 'peer', 'name', `${tag}3`);
  ip('link', 'set', `${tag}1`, 'netns', NAT);
  ip('link', 'set', `${tag}2`, 'netns', NAT);
  ip('link', 'set', `${tag}3`, 'netns', USER);
  ip('addr', 'add', '10.203.0.1/24', 'dev', `${tag}0`);
  ip('link', 'set', `${tag}0`, 'up');
  for (const [namespace, device, address] of [
    [NAT, `${tag}1`, '10.203.0.2/24'],
    [NAT, `${tag}2`, '10.203.1.1/24'],
    [USER, `${tag}3`, '10.203.1.2/24'],
  ] as const) {
    within(namespace, 'ip', 'addr', 'add', address, 'dev', device);
    within(namespace, 'ip', 'link', 'set', device, 'up');
    within(namespace, 'ip', 'link', 'set', 'lo', 'up');
  }
  within(USER, 'ip', 'route', 'add', 'default', 'via', '10.203.1.1');
  within(NAT, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  const rules = `table ip sluice {
    chain post { type nat hook postrouting priority 100; oifname "${tag}1" masquerade; }
    chain pass { type filter hook forward priority 0; ct state invalid drop; }
  }`;
  execFileSync('ip', ['netns', 'exec', NAT, 'nft', '-f', '-'], { input: rules });
  within(NAT, 'sysctl', '-qw', `net.netfilter.nf_conntrack_tcp_timeout_established=${FORGETS_AFTER_S}`);
  within(NAT, 'sysctl', '-qw', 'net.netfilter.nf_conntrack_tcp_loose=0'); // what is forgotten is not picked up again
}

function removeNetwork(): void {
  for (const namespace of [USER, NAT]) execFileSync('ip', ['netns', 'del', namespace], { stdio: 'ignore' });
}

describe.skipIf(!able)('behind a router that forgets idle flows after 5 s', () => {
  beforeAll(async () => {
    makeNetwork();
    const tunnelPort = await freePort();
    const tunnel = { SLUICE_TUNNEL_ADDRESS: `0.0.0.0:${tunnelPort}`, SLUICE_TUNNEL_ADVERTISED: `10.203.0.1:${tunnelPort}` };
    installation = await startSystem({ env: { gateway: tunnel } });
    system = await TestSystem.use(handleOf(installation));
    user = await system.addUser();
    resource = await Resource.serve(echo);
    const server = await system.addServer(resource.port);
    serverName = server.name;
    await system.grant([user], [server]);
    await forwardApi();
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    forwarder.close();
    resource.close();
    await user.leave();
    await stopSystem(installation);
    removeNetwork();
  });

  /** Plain http is for loopback alone, so the API is brought to the user's own loopback: short connections, no matter for the router. */
  async function forwardApi(): Promise<void> {
    const api = Number(new URL(installation.url).port);
    forwarder = createServer((socket) => {
      const to = dial(api, '127.0.0.1');
      socket
        .on('error', () => to.destroy())
        .pipe(to)
        .on('error', () => socket.destroy())
        .pipe(socket);
    });
    await new Promise<void>((resolve) => forwarder.listen(0, '10.203.0.1', resolve));
    const { port } = forwarder.address() as { port: number };
    const script = `const n=require('net');n.createServer(s=>{const t=n.connect(${port},'10.203.0.1');s.on('error',()=>t.destroy()).pipe(t).on('error',()=>s.destroy()).pipe(s)}).listen(${api},'127.0.0.1',()=>console.log('ready'))`;
    const child = spawn('ip', ['netns', 'exec', USER, process.execPath, '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
  }

  /** Starts the agent in the user's namespace, talks, is silent, talks again. What was heard the second time: the echo, or nothing. */
  async function talkAfterSilence(): Promise<string> {
    const main = path.join(import.meta.dirname, '..', '..', 'apps', 'agent', 'bin', 'sluice.mjs');
    const env = { ...process.env, SLUICE_CONFIG_HOME: user.configHome };
    const sluice = (...args: string[]) =>
      run('ip', ['netns', 'exec', USER, process.execPath, main, ...args], { env, timeout: 60_000 });
    const { stdout } = await sluice('connect', serverName, '--json');
    const { results } = JSON.parse(stdout) as { results: { address: string }[] };
    const script = `const s=require('net').connect(${results[0]?.address.split(':')[1]},'127.0.0.1',()=>s.write('one'));
      s.once('data',()=>setTimeout(()=>{s.once('data',d=>{console.log(String(d));process.exit()});s.write('two');setTimeout(()=>process.exit(),4000)},${SILENCE_MS}));
      s.on('error',()=>process.exit())`;
    const answer = await run('ip', ['netns', 'exec', USER, process.execPath, '-e', script]);
    await sluice('agent', 'stop');
    return answer.stdout.trim();
  }

  const keepAlive = async (seconds: number) => {
    const { version } = await unwrap(system.admin.GET('/api/v1/settings'));
    await unwrap(system.admin.PATCH('/api/v1/settings', { body: { version, keepAliveSeconds: seconds } }));
  };

  it('loses a silent session without keep-alive: the router does forget', async () => {
    await keepAlive(0);
    expect(await talkAfterSilence()).toBe('');
  });

  it('keeps a silent session with a keep-alive of 1 s', async () => {
    await keepAlive(1);
    expect(await talkAfterSilence()).toBe('two');
  });
});
