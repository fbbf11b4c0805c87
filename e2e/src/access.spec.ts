import { connect, type Socket } from 'node:net';
import { type Schemas, unwrap } from '@sluice/sdk';
import { type TestSystem, type TestUser } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { carried } from './carried.js';
import { echo, Resource } from './resource.js';
import { sharedSystem } from './system.js';

let system: TestSystem;
let resource: Resource;
const users: TestUser[] = [];

beforeAll(async () => {
  system = await sharedSystem();
  resource = await Resource.serve(echo);
});
afterEach(async () => {
  for (const user of users.splice(0)) await user.leave();
});
afterAll(() => resource.close());

async function newUser(): Promise<TestUser> {
  const user = await system.addUser();
  users.push(user);
  return user;
}

const closed = (socket: Socket): Promise<number> =>
  new Promise((resolve) => (socket.closed ? resolve(performance.now()) : socket.once('close', () => resolve(performance.now()))));

async function refusedAt(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let code: string | undefined;
    const socket = connect(port, '127.0.0.1');
    socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
    socket.on('data', () => {
      code = 'answered';
      socket.destroy();
    });
    socket.on('connect', () => socket.write('x'));
    socket.on('close', () => resolve(code));
  });
}

/** Waits until what was given has reached the relays: that takes a moment after the answer, as taking away does. */
async function letIn(port: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while ((await refusedAt(port)) === 'ECONNRESET') if (Date.now() > deadline) throw new Error('not let in again');
}

/** Waits until what was taken away has reached the relays: well under a second. The last answer was a refusal. */
async function revokeCredentials(port: number): Promise<void> {
  const deadline = Date.now() + 1000;
  while ((await refusedAt(port)) !== 'ECONNRESET') if (Date.now() > deadline) throw new Error('still let in after a second');
}

const account = async (user: TestUser): Promise<Schemas['User']> =>
  (await unwrap(system.admin.GET('/api/v1/users', { params: { query: { email: user.email } } }))).items[0] as Schemas['User'];

it('lets nothing reach a resource without a grant, and records each refusal once', async () => {
  const user = await newUser();
  const guarded = await Resource.serve(echo);
  const server = await system.addServer(guarded.port);
  const role = await system.grant([user], [server]);
  const port = await user.connect(server.name);
  await unwrap(
    system.admin.DELETE('/api/v1/roles/{id}/servers/{serverId}', { params: { path: { id: role, serverId: server.id } } }),
  );
  await revokeCredentials(port);
  const before = guarded.accepted.length;
  for (let i = 0; i < 2; i++) expect(await refusedAt(port)).toBe('ECONNRESET');
  // each connection that was cut off has a record too: a refusal, or the end of a session that had just begun
  const shut = (found: Schemas['AuditRecord'][]) =>
    found.filter((record) => record.outcome === 'refused' || record.endReason === 'grant ended');
  const records = shut(await system.recordsWhen(server.id, (found) => shut(found).length >= 3));
  expect(records).toHaveLength(3);
  const refusals = records.filter((record) => record.outcome === 'refused');
  expect(refusals.length).toBeGreaterThanOrEqual(2);
  expect(refusals[0]).toMatchObject({ endReason: 'no grant', dialledAddress: null, account: { id: user.id } });
  expect(guarded.accepted.length).toBe(before);
  guarded.close();
});

it('denies a suspended user over existing links, also after being resumed, until they sign in again', async () => {
  const user = await newUser();
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  (await carried(port)).end();
  const { version } = await account(user);
  await unwrap(system.admin.POST('/api/v1/users/{id}/suspend', { params: { path: { id: user.id } }, body: { version } }));
  await revokeCredentials(port);
  await unwrap(
    system.admin.POST('/api/v1/users/{id}/resume', { params: { path: { id: user.id } }, body: { version: version + 1 } }),
  );
  expect(await refusedAt(port)).toBe('ECONNRESET'); // an ended login stays ended
  await user.signInAnew();
  await letIn(port);
});

it('ends a session within a second of the answer, 50 of 50 times, with the reason, and leaves another account alone', async () => {
  const bystander = await newUser();
  const common = await system.addServer(resource.port);
  await system.grant([bystander], [common]);
  const untouched = await carried(await bystander.connect(common.name));
  const slowest: Record<string, number> = {};

  const victim = await newUser();
  const prepared: { server: Schemas['Server']; role: string }[] = [];
  for (let i = 0; i < 50; i++) {
    const server = await system.addServer(resource.port);
    prepared.push({ server, role: await system.grant([victim], [server]) });
  }
  await victim.mustRun('connect', ...prepared.map(({ server }) => server.name));
  const cut = async (reason: string, take: (server: Schemas['Server'], role: string) => Promise<unknown>) => {
    const { server, role } = prepared.pop() as (typeof prepared)[number];
    const socket = await carried(server.portOverride);
    const gone = closed(socket);
    await take(server, role);
    const answered = performance.now();
    const ms = (await gone) - answered;
    slowest[reason] = Math.max(slowest[reason] ?? 0, ms);
    const cutOff = (found: Schemas['AuditRecord'][]) =>
      found.filter((each) => each.outcome === 'completed' && each.endReason === reason);
    const [record, ...others] = cutOff(await system.recordsWhen(server.id, (found) => cutOff(found).length > 0));
    expect(others).toEqual([]);
    expect(record?.revocationMs).toBeLessThan(1000);
    return server;
  };
  const path = (server: Schemas['Server'], role: string) => ({ params: { path: { id: role, serverId: server.id } } });
  for (let i = 0; i < 20; i++) {
    await cut('grant ended', (server, role) =>
      unwrap(system.admin.DELETE('/api/v1/roles/{id}/servers/{serverId}', path(server, role))),
    );
  }
  for (let i = 0; i < 15; i++) {
    await cut('resource deleted', (server) =>
      unwrap(
        system.admin.DELETE('/api/v1/servers/{id}', { params: { path: { id: server.id }, query: { version: server.version } } }),
      ),
    );
  }
  for (let i = 0; i < 15; i++) {
    await cut('account suspended', async () => {
      const { version } = await account(victim);
      await unwrap(system.admin.POST('/api/v1/users/{id}/suspend', { params: { path: { id: victim.id } }, body: { version } }));
    });
    const { version } = await account(victim);
    await unwrap(system.admin.POST('/api/v1/users/{id}/resume', { params: { path: { id: victim.id } }, body: { version } }));
    await victim.signInAnew();
    const next = prepared.at(-1);
    if (next) await letIn(next.server.portOverride);
  }
  console.log(`slowest, API answer to closed socket, ms: ${JSON.stringify(slowest)}`);
  for (const ms of Object.values(slowest)) expect(ms).toBeLessThan(1000);
  expect(untouched.destroyed).toBe(false);
  untouched.write('still here');
  await new Promise((resolve) => untouched.once('data', resolve));
  untouched.destroy();
}, 180_000);

it('ends a session that an administrator ends, with who and why in the record', async () => {
  const user = await newUser();
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const socket = await carried(await user.connect(server.name));
  const [live] = await system.recordsWhen(server.id, (found) => found[0]?.state === 'live');
  const gone = closed(socket);
  await unwrap(
    system.admin.POST('/api/v1/sessions/{id}/end', { params: { path: { id: live?.id ?? '' } }, body: { why: 'maintenance' } }),
  );
  await gone;
  const [record] = await system.recordsWhen(server.id, (found) => found[0]?.state === 'final');
  expect(record).toMatchObject({
    endReason: 'operator ended',
    outcome: 'completed',
    endedBy: { email: 'admin@sluice.local', why: 'maintenance' },
  });
});

it('ends the sessions of a login at logout', async () => {
  const user = await newUser();
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const first = await carried(await user.connect(server.name));
  const gone = closed(first);
  await user.mustRun('logout');
  await gone;
  const [record] = await system.recordsWhen(server.id, (found) => found[0]?.state === 'final');
  expect([record?.outcome, record?.endReason]).toEqual(['completed', 'login ended']);
  expect((await user.run('status')).status).toBe(1);
});

it('says that the client was cut, not that a link was lost, when an agent is stopped', async () => {
  const user = await newUser();
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await user.connect(server.name);
  const sockets = await Promise.all(Array.from({ length: 5 }, () => carried(port)));
  for (const socket of sockets) socket.on('error', () => undefined); // they are reset
  await user.mustRun('agent', 'stop');
  expect(await user.connect(server.name)).toBe(port); // a new agent replaces it, although it may not have exited yet
  const records = await system.recordsWhen(server.id, (found) => found.filter(({ state }) => state === 'final').length === 5);
  expect(records.map(({ endReason }) => endReason)).toEqual(Array<string>(5).fill('client reset'));
});
