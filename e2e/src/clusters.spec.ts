import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { freePort, type Installation, type ServiceProcess } from '@sluice/embedded';
import { Bus, readBucket } from '@sluice/messaging';
import { ApiError, type Schemas, unwrap } from '@sluice/sdk';
import { handleOf, startSystem, stopSystem, TestSystem, type TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metric } from './metric.js';
import { canMakeNamespaces, Forwarder, Namespace } from './namespace.js';

/**
 * Two networks that share nothing but the way to the gateway, not even the way to NATS:
 *
 *   namespace "a" 10.204.1.2 ── firewall ──┐
 *     worker, resource 127.0.0.1:7000      ├── 10.204.1.1: gateway, API, relay of the default cluster
 *   namespace "b" 10.204.2.2 ── firewall ──┘
 *     worker, resource 127.0.0.1:7000
 */
const tag = `c${process.pid.toString(36)}`;
const GATEWAY = '10.204.1.1';
const FORGET_S = 20;

let installation: Installation;
let system: TestSystem;
let user: TestUser;
let forwarder: Forwarder;
let resourcePort: number;
const networks: Record<string, Namespace> = {};
const clusters: Record<string, Schemas['ProxyCluster']> = {};
const keys: Record<string, Schemas['NewClusterKey']> = {};
const servers: Record<string, Schemas['Server']> = {};
const workers: Record<string, ServiceProcess> = {};

/** A network with a service that says its name, and a firewall that lets out what goes to the gateway's two ports alone. */
async function makeNetwork(name: string, number: number, openPorts: number[]): Promise<Namespace> {
  const network = new Namespace(`${tag}${name}`);
  network.join(`10.204.${number}.1/24`, `10.204.${number}.2/24`);
  network.do('ip', 'route', 'add', 'default', 'via', `10.204.${number}.1`);
  await network.start(
    `require('net').createServer(s=>s.on('error',()=>{}).end('${name}')).listen(${resourcePort},'127.0.0.1',()=>console.log('ready'))`,
  );
  network.rules(`table ip sluice {
    chain out { type filter hook output priority 0; policy drop;
      oifname "lo" accept; ct state established accept; ip daddr ${GATEWAY} tcp dport { ${openPorts.join(', ')} } accept; }
    chain in { type filter hook input priority 0; policy drop; iifname "lo" accept; ct state established accept; }
  }`);
  return network;
}

const worker = (name: string, of: string, key = keys[of]?.key): Promise<ServiceProcess> =>
  installation.addRelay(
    name,
    { SLUICE_ENROLMENT_TOKEN: key ?? '', SLUICE_EGRESS_ALLOW: '127.0.0.0/8' },
    networks[of]?.prefix ?? [],
  );

/** What a resource sends: its network's name, or nothing if the connection was refused. */
const greetingAt = (port: number): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    connect(port, '127.0.0.1')
      .on('data', (chunk) => (text += chunk.toString()))
      .on('error', () => undefined)
      .on('close', () => resolve(text));
  });

const nodes = async (gone = false): Promise<Schemas['Node'][]> =>
  (await unwrap(system.admin.GET('/api/v1/nodes', { params: { query: { gone } } }))).items;
const problem = (request: Promise<unknown>): Promise<ApiError> =>
  request.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error as ApiError,
  );

describe.skipIf(!canMakeNamespaces)('proxy clusters', () => {
  const ports: Record<string, number> = {};

  beforeAll(async () => {
    const [tunnelPort, listenerPort] = [await freePort(), await freePort()];
    resourcePort = await freePort();
    const openPorts = [tunnelPort, listenerPort];
    networks['a'] = await makeNetwork('a', 1, openPorts);
    networks['b'] = await makeNetwork('b', 2, openPorts);
    installation = await startSystem({
      env: {
        gateway: { SLUICE_TUNNEL_ADDRESS: `0.0.0.0:${tunnelPort}`, SLUICE_TUNNEL_ADVERTISED: `${GATEWAY}:${tunnelPort}` },
        registry: { SLUICE_FORGET_WORKERS_SECONDS: String(FORGET_S) },
      },
    });
    system = await TestSystem.use(handleOf(installation));
    user = await system.addUser();
    const api = Number(new URL(installation.url).port);
    forwarder = await Forwarder.open(GATEWAY, api, listenerPort);
    for (const name of ['a', 'b']) {
      await networks[name]?.bring(api, forwarder);
      clusters[name] = await unwrap(system.admin.POST('/api/v1/clusters', { body: { name: `Network ${name}` } }));
      keys[name] = await unwrap(system.admin.POST('/api/v1/cluster-keys', { body: { proxyCluster: `network ${name}` } }));
      workers[name] = await worker(name, name);
      servers[name] = await system.addServer(resourcePort, { proxyCluster: `Network ${name}` });
    }
    servers['none'] = await system.addServer(resourcePort);
    await system.grant([user], Object.values(servers));
    for (const [name, server] of Object.entries(servers)) ports[name] = await user.connect(server.name);
  });
  afterAll(async () => {
    forwarder.close();
    await user.leave();
    await stopSystem(installation);
    for (const network of Object.values(networks)) network.remove();
  });

  it('serve the servers that are pinned to them, and no other cluster does', async () => {
    await expect.poll(() => greetingAt(ports['a'] as number), { timeout: 20_000 }).toBe('a');
    await expect.poll(() => greetingAt(ports['b'] as number), { timeout: 20_000 }).toBe('b');
    expect(await greetingAt(ports['none'] as number)).toBe(''); // the same host and port, seen from where nothing listens
    for (const name of ['a', 'b'] as const) {
      const records = await system.recordsWhen(servers[name]?.id as string, (found) =>
        found.some((r) => r.outcome === 'completed'),
      );
      const ids = new Set(records.filter((record) => record.relay !== null).map((record) => record.relay?.name));
      expect([...ids]).toEqual([(await nodes()).find((node) => node.proxyCluster === `Network ${name}`)?.name]);
    }
  });

  it('reach NATS through the gateway: their networks allow no other outgoing connection', async () => {
    const nats = new URL(installation.nats?.url ?? '').port;
    const attempt = `const s=require('net').connect(${nats},'${GATEWAY}',()=>{console.log('reached');process.exit()});s.on('error',e=>console.log(e.code));setTimeout(()=>{console.log('silence');process.exit()},1500)`;
    expect(await networks['b']?.node(attempt)).toBe('silence');
    expect(await metric(installation, 'gateway', 'sluice_gateway_bus_connections')).toBe(2);
  });

  it('reject connections while their workers are away, and serve them when they are back', async () => {
    await workers['b']?.stop(20_000);
    expect(await greetingAt(ports['b'] as number)).toBe('');
    await system.recordsWhen(servers['b']?.id as string, (found) => found.some((record) => record.endReason === 'no relay'));
    await workers['b']?.start();
    await expect.poll(() => greetingAt(ports['b'] as number), { timeout: 20_000 }).toBe('b');
  });

  it('show the health of a server from their own workers', async () => {
    const health = await unwrap(
      system.admin.POST('/api/v1/servers/{id}/check', { params: { path: { id: servers['a']?.id as string } } }),
    );
    expect(health.state).toBe('healthy');
    expect(health.nodes).toHaveLength(1);
  });

  it('have several keys at once; a revoked one enrols nobody, and workers that enrolled with it stay', async () => {
    const first = keys['a'] as Schemas['NewClusterKey'];
    const second = await unwrap(system.admin.POST('/api/v1/cluster-keys', { body: { proxyCluster: first.proxyCluster } }));
    await unwrap(system.admin.POST('/api/v1/cluster-keys/{id}/revoke', { params: { path: { id: first.id } } }));
    await expect(worker('late', 'a')).rejects.toThrow('ended while it started');
    const log = readFileSync(path.join(installation.options.home, 'logs', 'late.log'), 'utf8');
    expect(log).toContain('this cluster key is unknown or revoked');
    workers['a2'] = await worker('a2', 'a', second.key);
    const listed = await unwrap(
      system.admin.GET('/api/v1/cluster-keys', { params: { query: { proxyCluster: clusters['a']?.id as string } } }),
    );
    expect(listed.items.map((key) => [key.id, key.revokedAt !== null, key.lastUsedAt !== null])).toEqual([
      [second.id, false, true],
      [first.id, true, true],
    ]);
    expect(JSON.stringify(listed)).not.toContain('sluice-node-');
    await expect
      .poll(
        async () => (await unwrap(system.admin.GET('/api/v1/clusters'))).items.map((c) => [c.name, c.workersOnline, c.servers]),
        {
          timeout: 20_000,
        },
      )
      .toEqual([
        ['Network a', 2, 1],
        ['Network b', 1, 1],
      ]);
    expect(await greetingAt(ports['a'] as number)).toBe('a');
  });

  it('forget a worker that stays away, and never a relay that an administrator enrolled', async () => {
    await workers['a2']?.stop(20_000);
    const listed = async () => (await nodes()).filter((node) => node.proxyCluster === 'Network a').length;
    await expect.poll(listed, { timeout: 10_000 }).toBe(1); // it said goodbye, and was silent for two seconds
    await expect
      .poll(async () => (await nodes(true)).filter((node) => node.proxyCluster === 'Network a').length, {
        timeout: 60_000,
        interval: 1000,
      })
      .toBe(1);
    expect((await nodes()).filter((node) => node.kind === 'relay' && node.proxyCluster === null)).toHaveLength(1);
  });

  it('are not deleted while somebody uses them', async () => {
    const { id, version } = clusters['a'] as Schemas['ProxyCluster'];
    const remove = (of: string, at: number) =>
      unwrap(system.admin.DELETE('/api/v1/clusters/{id}', { params: { path: { id: of }, query: { version: at } } }));
    const refused = await problem(remove(id, version));
    expect([refused.status, refused.code]).toEqual([409, 'cluster_in_use']);
    expect(refused.message).toContain(servers['a']?.name);
    const empty = await unwrap(system.admin.POST('/api/v1/clusters', { body: { name: 'Empty' } }));
    await remove(empty.id, empty.version);
    expect((await problem(remove('default', 1))).code).toBe('cluster_is_default');
    expect((await problem(system.addServer(1, { proxyCluster: 'Empty' }))).code).toBe('proxy_cluster_unknown');
    expect((await problem(unwrap(system.admin.POST('/api/v1/clusters', { body: { name: 'NETWORK A' } })))).code).toBe(
      'name_taken',
    );
  });

  it('keep their policy apart: a worker holds the servers of its own cluster alone', async () => {
    const { natsSeed, credentials } = JSON.parse(
      readFileSync(path.join(installation.options.home, 'relays', 'b', 'identity.json'), 'utf8'),
    ) as { natsSeed: string; credentials: Schemas['NodeCredentials'] };
    const { nodeId: user, cluster, nats } = credentials;
    const said: string[] = [];
    const onStatus = (_: boolean, detail: string) => void said.push(detail);
    const bus = await Bus.connect({ servers: nats.servers, user, jwt: nats.jwt, seed: natsSeed, ca: nats.ca, onStatus });
    try {
      expect(await present(bus, `policy_${cluster}`)).toEqual([`resource.${servers['b']?.id}`]);
      await expect(present(bus, `policy_${clusters['a']?.id}`)).rejects.toThrow();
      expect(said.join()).toMatch(/permissions violation/i);
    } finally {
      await bus.close();
    }
  });
});

async function present(bus: Bus, bucket: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key, value } of readBucket(bus, bucket))
    if (key.startsWith('resource.') && (value as { entry: unknown }).entry !== null) found.push(key);
  return found;
}
