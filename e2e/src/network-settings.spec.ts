import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Installation } from '@sluice/embedded';
import { ApiError, collect, type Schemas, unwrap } from '@sluice/sdk';
import { handleOf, startSystem, stopSystem, TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepHostname } from './database-owner.js';
import { metric } from './metric.js';
import { echo, Resource } from './resource.js';

let installation: Installation;
let system: TestSystem;
let user: TestUser;
let administrator: TestUser;
let resource: Resource;

beforeAll(async () => {
  installation = await startSystem();
  system = await TestSystem.use(handleOf(installation));
  user = await system.addUser();
  administrator = await system.addUser('administrator');
  resource = await Resource.serve(echo);
});
afterAll(async () => {
  resource.close();
  await user.leave();
  await administrator.leave();
  await stopSystem(installation);
});

type Change = Partial<Omit<Schemas['Settings'], 'version'>>;
type Properties = Partial<Omit<Schemas['Server'], 'id' | 'version' | 'health' | 'createdAt' | 'settings' | 'type'>>;

async function set(change: Change): Promise<Schemas['Settings']> {
  const { version } = await unwrap(system.admin.GET('/api/v1/settings'));
  return unwrap(system.admin.PATCH('/api/v1/settings', { body: { version, ...change } }));
}

let names = 0;
const add = (properties: Properties = {}): Promise<Schemas['Server']> =>
  unwrap(
    system.admin.POST('/api/v1/servers', {
      body: { name: `net-${names++}`, type: 'tcp', hostname: '127.0.0.1', port: resource.port, ...properties },
    }),
  );
/** Adds a server by a request that is repeated while it is answered with 503: a busy machine cannot make them all within the time of a request. */
async function addOnce(): Promise<Schemas['Server']> {
  const body = { name: `once-${names++}`, type: 'tcp', hostname: '127.0.0.1', port: resource.port } as const;
  const header = { 'Idempotency-Key': randomUUID() };
  for (;;) {
    const answer = await system.admin.POST('/api/v1/servers', { body, params: { header } });
    if (answer.response.status !== 503) return unwrap(Promise.resolve(answer));
  }
}
const allServers = (): Promise<Schemas['Server'][]> =>
  collect((cursor) => unwrap(system.admin.GET('/api/v1/servers', { params: { query: cursor === undefined ? {} : { cursor } } })));
const update = async ({ id }: Schemas['Server'], properties: Properties): Promise<Schemas['Server']> => {
  const { version } = await unwrap(system.admin.GET('/api/v1/servers/{id}', { params: { path: { id } } }));
  return unwrap(system.admin.PATCH('/api/v1/servers/{id}', { params: { path: { id } }, body: { version, ...properties } }));
};
const remove = async ({ id }: Schemas['Server']): Promise<void> => {
  const { version } = await unwrap(system.admin.GET('/api/v1/servers/{id}', { params: { path: { id } } }));
  await unwrap(system.admin.DELETE('/api/v1/servers/{id}', { params: { path: { id }, query: { version } } }));
};

async function refusal(request: Promise<unknown>): Promise<{ code: string; message: string; value: string | undefined }> {
  const error = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw new Error('it was not refused');
  return { code: error.code, message: error.message, value: error.value };
}

const answers = (host: string, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket: Socket = connect(port, host, () => socket.end('hello'));
    socket.once('data', (chunk) => resolve(chunk.toString())).once('error', reject);
  });

describe('the loopback range', () => {
  it('widens: each server then gets an address of its own, and the agent serves them all', async () => {
    const before = await add();
    expect(before.bindAddress).toBe('127.0.0.1');
    await administrator.mustRun('admin', 'settings', 'set', '--loopback-range', '127.0.0.0/8');
    const [one, other] = [await add({ portOverride: 25432 }), await add({ portOverride: 25432 })];
    expect([one.bindAddress, other.bindAddress]).toEqual(['127.0.0.2', '127.0.0.3']);
    await system.grant([user], [one, other]);
    for (const server of [one, other]) {
      await user.connect(server.name);
      expect(await answers(server.bindAddress, 25432)).toBe('hello');
    }
  });

  it('gives the address of a deleted or moved server to no other server, unless that is requested', async () => {
    const [gone, moved] = [await add(), await add()];
    await remove(gone);
    await update(moved, { bindAddress: '127.0.9.9' });
    const next = [await add(), await add()].map((server) => server.bindAddress);
    expect(next).not.toContain(gone.bindAddress);
    expect(next).not.toContain(moved.bindAddress);
    const { bindAddress, portOverride } = gone;
    expect(await add({ bindAddress, portOverride })).toMatchObject({ bindAddress, portOverride });
  });

  it('assigns under 200 parallel creates without a collision, and once to a request that is repeated', async () => {
    const servers = await Promise.all(Array.from({ length: 200 }, () => addOnce()));
    expect(new Set(servers.map((server) => server.bindAddress)).size).toBe(200);
    const added = await allServers();
    expect(
      added
        .filter(({ name }) => name.startsWith('once-'))
        .map(({ id }) => id)
        .sort(),
    ).toEqual(servers.map(({ id }) => id).sort());
  });

  it('is not narrowed while a server is outside, which is named; nothing changes then', async () => {
    const far = await add({ name: 'far away', bindAddress: '127.9.9.9' });
    const refused = await refusal(set({ loopbackRange: '127.0.0.0/16', idleTimeoutSeconds: 77 }));
    expect(refused).toMatchObject({ code: 'network_in_use', value: '127.0.0.0/16' });
    expect(refused.message).toContain('far away has the address 127.9.9.9');
    expect(await unwrap(system.admin.GET('/api/v1/settings'))).toMatchObject({
      loopbackRange: '127.0.0.0/8',
      idleTimeoutSeconds: 0,
    });
    await remove(far);
    expect(await set({ loopbackRange: '127.0.0.0/16' })).toMatchObject({ loopbackRange: '127.0.0.0/16' });
    expect((await refusal(set({ loopbackRange: '10.0.0.0/8' }))).code).toBe('loopback_range_invalid');
  });
});

describe('virtual networking', () => {
  it('has addresses that exist only on clients: no relay dials into the subnet', async () => {
    const server = await add({ name: 'at an address', hostname: '10.99.0.5' });
    const refused = await refusal(set({ virtualSubnet: '10.99.0.0/24' }));
    expect(refused.message).toContain('at an address has the hostname 10.99.0.5, which no relay would dial');
    await update(server, { hostname: '10.98.0.5' });
    await set({ virtualSubnet: '10.99.0.0/24' });
    expect(await refusal(update(server, { hostname: '10.99.0.5' }))).toMatchObject({
      code: 'hostname_never_dialled',
      value: '10.99.0.5',
    });
    await keepHostname(system, server.id, '10.99.0.5');
    await system.grant([user], [server]);
    await user.connect(server.name);
    await expect(answers(server.bindAddress, server.portOverride)).rejects.toThrow('ECONNRESET');
    const [record] = await system.recordsWhen(server.id, (found) => found.length > 0);
    expect(record).toMatchObject({ outcome: 'refused', endReason: 'egress denied' });
    expect(record?.message).toContain('in the range of virtual networks');
    await remove(server);
  });

  it('is refused until it is switched on, and cannot be switched off while a server uses it', async () => {
    expect((await refusal(add({ connectivityMode: 'virtual-network' }))).code).toBe('virtual_network_not_enabled');
    await set({ virtualNetworking: true, virtualSubnet: '100.64.0.0/24' });
    const server = await add({ name: 'virtual', connectivityMode: 'virtual-network' });
    expect(server).toMatchObject({ bindAddress: '100.64.0.1', portOverride: resource.port });
    expect((await refusal(set({ virtualNetworking: false }))).message).toContain('virtual is in virtual network mode');
    expect((await refusal(set({ virtualSubnet: '10.0.0.0/24' }))).message).toContain('100.64.0.1');
  });

  it('gives addresses of the subnet alone, and the port that the service has', async () => {
    for (const bindAddress of ['100.64.0.0', '100.64.0.255', '100.64.1.1', '127.0.0.1'])
      expect((await refusal(add({ connectivityMode: 'virtual-network', bindAddress }))).code).toBe('bind_address_outside_range');
    const taken = await refusal(add({ connectivityMode: 'virtual-network', bindAddress: '100.64.0.1' }));
    expect(taken).toMatchObject({ code: 'port_override_taken', value: String(resource.port) });
    const beside = await add({ connectivityMode: 'virtual-network', bindAddress: '100.64.0.1', portOverride: 22 });
    expect(beside.portOverride).toBe(22);
  });

  it("gives DNS names: the server's own, or one in a zone, each once", async () => {
    const virtual = { connectivityMode: 'virtual-network', hostname: 'db.internal' } as const;
    expect((await refusal(add({ ...virtual, dns: 'db.corp.example' }))).code).toBe('dns_outside_zones');
    await administrator.mustRun('admin', 'settings', 'set', '--dns-zones', 'corp.example,lab.example');
    const server = await add({ ...virtual, name: 'named', dns: 'DB.corp.example' });
    expect(server.dns).toBe('db.corp.example');
    expect(await refusal(add({ ...virtual, dns: 'db.CORP.example' }))).toMatchObject({ code: 'dns_taken' });
    expect((await add({ ...virtual, dns: 'db.internal' })).dns).toBe('db.internal');
    expect((await refusal(add({ dns: 'x.corp.example' }))).code).toBe('dns_needs_virtual_network');
    expect((await refusal(set({ dnsZones: ['lab.example'] }))).message).toContain('named has the DNS name db.corp.example');
    expect(await set({ dnsZones: ['corp.example'] })).toMatchObject({ dnsZones: ['corp.example'] });
  });

  it('moves a server between the modes with an address of the other one', async () => {
    const server = await add();
    const moved = await update(server, { connectivityMode: 'virtual-network' });
    expect(moved.bindAddress).toMatch(/^100\.64\.0\./);
    expect(moved.portOverride).toBe(resource.port);
    const back = await update(moved, { connectivityMode: 'loopback' });
    expect(back.bindAddress).toMatch(/^127\.0\./);
    expect(back.portOverride).toBeGreaterThanOrEqual(10_000);
  });

  it('is not served by this agent, which reports it', async () => {
    const server = await add({ connectivityMode: 'virtual-network' });
    await system.grant([user], [server]);
    const said = await user.run('connect', server.name);
    expect(said.status).toBe(1);
    expect(said.stdout + said.stderr).toContain('virtual network mode');
  });
});

describe('port overrides', () => {
  it('are listed and changed in one place, and agents follow', async () => {
    const server = await add({ name: 'moving' });
    await system.grant([user], [server]);
    await user.connect(server.name);
    expect(await administrator.mustRun('admin', 'port-overrides', 'list')).toMatch(
      new RegExp(`moving\\s+loopback\\s+${server.bindAddress}\\s+${server.portOverride}`),
    );
    const said = await administrator.mustRun('admin', 'port-overrides', 'set', 'moving', '31999');
    expect(said).toContain(`${server.bindAddress}:31999`);
    await expect.poll(() => answers(server.bindAddress, 31999).catch(() => 'nothing'), { timeout: 20_000 }).toBe('hello');
    const renewed = await administrator.mustRun('admin', 'port-overrides', 'set', 'moving', 'new', '--json');
    expect((JSON.parse(renewed) as Schemas['Server']).portOverride).not.toBe(31999);
    for (const bad of ['0', '65536', '80', 'x'])
      expect((await administrator.run('admin', 'port-overrides', 'set', 'moving', bad)).status, bad).not.toBe(0);
  });
});

describe('limits of a source address', () => {
  const limited = async (change: Change, expected: RegExp) => {
    const server = await add();
    const fresh = await system.addUser();
    await system.grant([fresh], [server]);
    await fresh.connect(server.name);
    const held: Socket[] = [];
    const open = async () => {
      const socket = connect(server.portOverride, server.bindAddress, () => socket.write('x'));
      held.push(socket.on('error', () => undefined));
      return new Promise<boolean>((resolve) => socket.once('data', () => resolve(true)).once('close', () => resolve(false)));
    };
    expect(await open()).toBe(true);
    await set(change);
    try {
      await expect.poll(open, { timeout: 20_000 }).toBe(false);
      const status = await fresh.mustRun('status', '--json');
      expect(status).toMatch(expected);
    } finally {
      await set({ sessionsPerAddress: 0, linksPerAddress: 0, preamblesPerAddress: 1000 });
      for (const socket of held) socket.destroy();
      await fresh.leave();
    }
    return server;
  };

  it('hold for sessions; the refusal is on record', async () => {
    const server = await limited(
      { sessionsPerAddress: 1 },
      /your address 127\.0\.0\.1 has \d+ sessions at this relay, which is the limit/,
    );
    await system.recordsWhen(server.id, (found) => found.some((record) => record.endReason === 'limit reached'));
  });

  it('hold for links', () =>
    limited({ linksPerAddress: 1 }, /your address 127\.0\.0\.1 has \d+ links at this gateway, which is the limit/));

  it('hold for connections a second of an address where nobody proved themselves, and are counted', async () => {
    const { tunnelPort } = installation.service('gateway').announcement as unknown as { tunnelPort: number };
    await set({ preamblesPerAddress: 5 });
    const connectOnce = () =>
      new Promise<boolean>((resolve) => {
        const at = { port: tunnelPort, host: '127.0.0.1', localAddress: '127.0.0.77' };
        const socket = connect(at, () => setTimeout(() => socket.destroy(), 200)); // an admitted connection stays open
        socket.on('error', () => undefined).once('close', () => resolve(socket.readableEnded));
        socket.resume();
      });
    await expect
      .poll(async () => (await Promise.all(Array.from({ length: 20 }, connectOnce))).filter(Boolean).length, { timeout: 20_000 })
      .toBeGreaterThan(10);
    expect(await metric(installation, 'gateway', 'sluice_gateway_preambles_total', 'overloaded')).toBeGreaterThanOrEqual(10);
    await set({ preamblesPerAddress: 1000 });
  });
});
