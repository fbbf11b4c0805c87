import { connect, type Socket } from 'node:net';
import { freePort, type Installation } from '@sluice/embedded';
import { type Schemas, unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { carried } from './carried.js';
import { metric } from './metric.js';
import type { Resource } from './resource.js';
import { Scene } from './scene.js';

let scene: Scene;
let installation: Installation;
let system: TestSystem;
let user: TestUser;
let resource: Resource;
let server: Schemas['Server'];
let port: number;
let relayPort: number;

beforeAll(async () => {
  relayPort = await freePort();
  scene = await Scene.start({ env: { relay: { SLUICE_TUNNEL_ADDRESS: `127.0.0.1:${relayPort}` } } });
  ({ installation, system, user, resource } = scene);
  server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  port = await user.connect(server.name);
});
afterAll(() => scene.end());

/** A session's socket once the echo came, or why none did. */
const open = (): Promise<Socket | string> => carried(port).catch((error: Error) => error.message);

/** Opens a session and ends it; gives its record. */
async function session(): Promise<Schemas['AuditRecord']> {
  const known = new Set((await system.records(server.id)).map((record) => record.id));
  const socket = await open();
  if (typeof socket === 'string') throw new Error(socket);
  socket.end();
  const fresh = (found: Schemas['AuditRecord'][]) => found.find((record) => !known.has(record.id) && record.state === 'final');
  return fresh(await system.recordsWhen(server.id, (found) => fresh(found) !== undefined)) as Schemas['AuditRecord'];
}

const setting = async (change: Partial<Schemas['Settings']>) => {
  const { version } = await unwrap(system.admin.GET('/api/v1/settings'));
  await unwrap(system.admin.PATCH('/api/v1/settings', { body: { ...change, version } }));
};

describe('a relay that listens', () => {
  it('is reached without the gateway by an agent that can, and publishes its address', async () => {
    await expect.poll(async () => (await session()).gateway, { timeout: 20_000 }).toBeNull();
    const { items } = await unwrap(system.admin.GET('/api/v1/nodes'));
    expect(items.find((node) => node.kind === 'relay')?.address).toBe(`127.0.0.1:${relayPort}`);
    const record = await session();
    expect(record).toMatchObject({
      gateway: null,
      bytesUp: 5,
      bytesDown: 5,
      agentBytesUp: 5,
      agentBytesDown: 5,
      countsDiffer: false,
    });
  });

  it('closes a connection that begins with a PROXY header or with garbage, and counts it', async () => {
    const proxy = Buffer.concat([
      Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
      Buffer.from('2111000c7f0000017f00000100010002', 'hex'),
    ]);
    const before = await metric(installation, 'relay', 'sluice_relay_preambles_total', 'not-sluice');
    for (const bytes of [proxy, Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
      const answer = await new Promise<number>((resolve) => {
        let length = 0;
        const socket = connect(relayPort, '127.0.0.1', () => socket.write(bytes));
        socket
          .on('data', (chunk) => (length += chunk.length))
          .on('error', () => undefined)
          .on('close', () => resolve(length));
      });
      expect(answer).toBe(0);
    }
    expect((await metric(installation, 'relay', 'sluice_relay_preambles_total', 'not-sluice')) - before).toBe(2);
  });

  it('is replaced by the gateway while it cannot be reached, and used again when it can', async () => {
    const held = await open();
    expect(held).not.toBeTypeOf('string');
    await installation.service('relay').stop(20_000);
    const again = installation.addRelay('relay', { SLUICE_TUNNEL_ADDRESS: '' });
    await again;
    await expect
      .poll(
        async () =>
          session().then(
            ({ gateway }) => gateway,
            () => 'not yet',
          ),
        { timeout: 30_000 },
      )
      .toMatch(/^[0-9a-f-]{36}$/);
    await installation.service('relay').stop(20_000);
    await installation.addRelay('relay', { SLUICE_TUNNEL_ADDRESS: `127.0.0.1:${relayPort}` });
    await expect
      .poll(
        async () =>
          session().then(
            ({ gateway }) => gateway,
            () => 'not yet',
          ),
        { timeout: 30_000 },
      )
      .toBeNull();
  });
});

describe('the limits of an account', () => {
  it('reject a session beyond the limit, and the record has the reason', async () => {
    await setting({ sessionsPerAccount: 3 });
    await expect
      .poll(async () => {
        const sockets = await Promise.all([open(), open(), open(), open()]);
        const refused = sockets.filter((socket) => typeof socket === 'string');
        for (const socket of sockets) if (typeof socket !== 'string') socket.destroy();
        return refused;
      })
      .toEqual(['refused: ECONNRESET']);
    const records = await system.recordsWhen(server.id, (found) => found.some((record) => record.endReason === 'limit reached'));
    expect(records.find((record) => record.endReason === 'limit reached')?.message).toBe(
      'your account has 3 sessions at this relay, which is the limit',
    );
    await setting({ sessionsPerAccount: 1000 });
  });

  it('reject a link beyond the limit, and the agent reports it', async () => {
    await setting({ linksPerAccount: 4 });
    const sockets: (Socket | string)[] = [];
    await expect
      .poll(async () => (sockets.push(await open()), sockets.filter((socket) => typeof socket === 'string').length), {
        timeout: 20_000,
      })
      .toBeGreaterThan(0);
    for (const socket of sockets) if (typeof socket !== 'string') socket.destroy();
    await setting({ linksPerAccount: 2000 });
    const status = JSON.parse(await user.mustRun('status', '--json')) as {
      servers: { lastRefusal: { message: string } | null }[];
    };
    expect(status.servers[0]?.lastRefusal?.message).toMatch(/your account has 4 links at this gateway, which is the limit/);
  });
});

it('counts the same ciphertext of links at gateway and relay', async () => {
  await installation.service('relay').stop(20_000);
  await expect.poll(() => metric(installation, 'gateway', 'sluice_gateway_links'), { timeout: 15_000 }).toBe(0);
  const gateway = (direction: string) =>
    metric(installation, 'gateway', 'sluice_gateway_link_bytes_total', `direction="${direction}"`);
  const before = { up: await gateway('up'), down: await gateway('down') };
  await installation.addRelay('relay', { SLUICE_TUNNEL_ADDRESS: '' });
  await expect
    .poll(
      async () =>
        session().then(
          ({ gateway }) => gateway,
          () => null,
        ),
      { timeout: 30_000 },
    )
    .not.toBeNull();
  for (let i = 0; i < 20; i++) await session();
  await user.leave(); // every link ends
  await expect.poll(() => metric(installation, 'relay', 'sluice_relay_links'), { timeout: 15_000 }).toBe(0);
  for (const direction of ['up', 'down'] as const) {
    const relay = await metric(installation, 'relay', 'sluice_relay_link_bytes_total', `direction="${direction}",way="gateway"`);
    expect(relay).toBeGreaterThan(2000); // at least one handshake, and twenty sessions
    await expect.poll(async () => (await gateway(direction)) - before[direction], { timeout: 15_000 }).toBe(relay);
  }
});
