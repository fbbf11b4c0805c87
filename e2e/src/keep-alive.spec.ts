import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort, type Installation } from '@sluice/embedded';
import { unwrap } from '@sluice/sdk';
import { handleOf, startSystem, stopSystem, TestSystem, type TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canMakeNamespaces, Forwarder, ip, Namespace } from './namespace.js';
import { echo, Resource } from './resource.js';

const run = promisify(execFile);
const FORGETS_AFTER_S = 5;
const SILENCE_MS = 12_000;

/**
 * An agent behind a router that forgets flows:
 *
 *   namespace "user" 10.203.1.2 ──── 10.203.1.1 namespace "nat" 10.203.0.2 ──── 10.203.0.1 this one: gateway, relay, API
 *        agent, client                 masquerades, forgets after 5 s
 */
const tag = `s${process.pid.toString(36)}`;

let userMachine: Namespace;
let nat: Namespace;
let installation: Installation;
let system: TestSystem;
let user: TestUser;
let resource: Resource;
let forwarder: Forwarder;
let serverName: string;

function makeNetwork(): void {
  userMachine = new Namespace(`${tag}u`);
  nat = new Namespace(`${tag}n`);
  const outside = nat.join('10.203.0.1/24', '10.203.0.2/24');
  ip('link', 'add', `${tag}2`, 'type', 'veth', 'peer', 'name', `${tag}3`);
  nat.address(`${tag}2`, '10.203.1.1/24');
  userMachine.address(`${tag}3`, '10.203.1.2/24');
  userMachine.do('ip', 'route', 'add', 'default', 'via', '10.203.1.1');
  nat.do('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  nat.rules(`table ip sluice {
    chain post { type nat hook postrouting priority 100; oifname "${outside}" masquerade; }
    chain pass { type filter hook forward priority 0; ct state invalid drop; }
  }`);
  nat.do('sysctl', '-qw', `net.netfilter.nf_conntrack_tcp_timeout_established=${FORGETS_AFTER_S}`);
  nat.do('sysctl', '-qw', 'net.netfilter.nf_conntrack_tcp_loose=0'); // a forgotten flow is not tracked again
}

describe.skipIf(!canMakeNamespaces)('behind a router that forgets idle flows after 5 s', () => {
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
    const api = Number(new URL(installation.url).port);
    forwarder = await Forwarder.open('10.203.0.1', api);
    await userMachine.bring(api, forwarder);
  });
  afterAll(async () => {
    forwarder.close();
    resource.close();
    await user.leave();
    await stopSystem(installation);
    userMachine.remove();
    nat.remove();
  });

  /** Starts the agent in the user's namespace, sends, is silent, sends again. @returns what was received the second time: the echo, or nothing */
  async function talkAfterSilence(): Promise<string> {
    const main = path.join(import.meta.dirname, '..', '..', 'apps', 'agent', 'bin', 'sluice.mjs');
    const env = { ...process.env, SLUICE_CONFIG_HOME: user.configHome };
    const sluice = (...args: string[]) =>
      run('ip', ['netns', 'exec', userMachine.name, process.execPath, main, ...args], { env, timeout: 60_000 });
    const { stdout } = await sluice('connect', serverName, '--json');
    const { results } = JSON.parse(stdout) as { results: { address: string }[] };
    const script = `const s=require('net').connect(${results[0]?.address.split(':')[1]},'127.0.0.1',()=>s.write('one'));
      s.once('data',()=>setTimeout(()=>{s.once('data',d=>{console.log(String(d));process.exit()});s.write('two');setTimeout(()=>process.exit(),4000)},${SILENCE_MS}));
      s.on('error',()=>process.exit())`;
    const answer = await userMachine.node(script);
    await sluice('agent', 'stop');
    return answer;
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
