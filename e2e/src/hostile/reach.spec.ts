import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { gatewayPresence } from '@sluice/contracts';
import { type Schemas, unwrap } from '@sluice/sdk';
import { unique } from '@sluice/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { carried } from '../carried.js';
import { joinBus } from '../join-bus.js';
import { Scene } from '../scene.js';

let scene: Scene;
let admin: Awaited<ReturnType<Scene['system']['addUser']>>;

beforeAll(async () => {
  scene = await Scene.start();
  admin = await scene.system.addUser('administrator');
  const relay = async (name: string) => {
    const { token } = await unwrap(scene.system.admin.POST('/api/v1/nodes/tokens', { body: { name } }));
    return scene.installation.addRelay(name, {
      SLUICE_ENROLMENT_TOKEN: token,
      SLUICE_RELAY_HOME: `${scene.installation.options.home}/relays/${name}`,
    });
  };
  await Promise.all([relay('relay-2'), relay('relay-3')]);
  const online = async () => (await relays()).filter(({ state }) => state === 'online').length;
  await vi.waitFor(async () => expect(await online()).toBe(3), 20_000);
});
afterAll(async () => {
  await admin.leave();
  await scene.end();
});

const relays = async (): Promise<Schemas['Node'][]> =>
  (await unwrap(scene.system.admin.GET('/api/v1/nodes', { params: { query: {} } }))).items.filter(({ kind }) => kind === 'relay');

/** A server that the user reaches by a role of its own, with a session that is carried. */
async function reached(): Promise<{ server: Schemas['Server']; role: Schemas['Role']; session: Socket }> {
  const { system, user, resource } = scene;
  const server = await system.addServer(resource.port);
  const role = await unwrap(system.admin.POST('/api/v1/roles', { body: { name: unique('role') } }));
  await unwrap(
    system.admin.PUT('/api/v1/roles/{id}/servers/{serverId}', { params: { path: { id: role.id, serverId: server.id } } }),
  );
  await unwrap(system.admin.PUT('/api/v1/roles/{id}/users/{userId}', { params: { path: { id: role.id, userId: user.id } } }));
  return { server, role, session: await carried(await user.connect(server.name)) };
}

it('says that all relays have it, and by then the session has been ended by its relay', async () => {
  const { server, role } = await reached();
  const said = await admin.run('admin', 'roles', 'revoke', role.name, server.name);
  const answered = Date.now();
  expect(said).toEqual({
    status: 0,
    stdout: `The role ${role.name} no longer reaches ${server.name}. 3 of 3 relays have it.\n`,
    stderr: '',
  });
  const [record] = await scene.system.recordsWhen(server.id, (all) => all[0]?.state === 'final');
  expect(record?.endReason).toBe('grant ended');
  expect(Date.parse(record?.endedAt ?? '')).toBeLessThanOrEqual(answered);
});

it('reports the relays that have not applied it, for every operation that revokes access', async () => {
  const { system } = scene;
  const everywhere = { published: true, relays: 3, of: 3, missing: [] };
  const { server, role } = await reached();
  const path = { id: role.id, userId: scene.user.id };
  const unassigned = await unwrap(system.admin.DELETE('/api/v1/roles/{id}/users/{userId}', { params: { path } }));
  expect(unassigned.reach).toEqual(everywhere);
  const again = await unwrap(system.admin.DELETE('/api/v1/roles/{id}/users/{userId}', { params: { path } }));
  expect([again.version, again.reach]).toEqual([unassigned.version, everywhere]);
  const updated = await unwrap(
    system.admin.PATCH('/api/v1/servers/{id}', {
      params: { path: { id: server.id } },
      body: { version: server.version, hostname: '127.0.0.2' },
    }),
  );
  expect(updated.reach).toEqual(everywhere);
  const query = { version: updated.version };
  const deleted = await unwrap(system.admin.DELETE('/api/v1/servers/{id}', { params: { path: { id: server.id }, query } }));
  expect(deleted.reach).toEqual(everywhere);
  const { version } = await unwrap(system.admin.GET('/api/v1/settings'));
  const settings = await unwrap(system.admin.PATCH('/api/v1/settings', { body: { version, idleTimeoutSeconds: 3000 } }));
  expect(settings.reach).toEqual(everywhere);
  const leaver = await system.addUser();
  expect(await leaver.run('logout', '--json')).toMatchObject({ status: 0, stdout: expect.stringContaining('"relays": 3') });
  const person = { params: { path: { id: leaver.id } } };
  const suspended = await unwrap(system.admin.POST('/api/v1/users/{id}/suspend', { ...person, body: { version: 1 } }));
  expect(suspended.reach).toEqual(everywhere);
  const gone = await unwrap(
    system.admin.DELETE('/api/v1/users/{id}', { params: { ...person.params, query: { version: suspended.version } } }),
  );
  expect(gone.reach).toEqual(everywhere);
  await leaver.leave();
});

it('names the relay that does not have it yet, and exits with a status of its own', async () => {
  const { server, role } = await reached();
  const stopped = scene.installation.service('relay-2');
  process.kill(stopped.pid as number, 'SIGSTOP');
  const gateway = await joinBus(scene.installation.options.home, 'gateway');
  const id = (await relays()).find(({ name }) => name === 'relay-2')?.id ?? '';
  const forged = { name: 'relay-2', sessions: 0, draining: false, address: null, applied: 2 ** 50, left: true };
  const forging = setInterval(() => gateway.connection.publish(gatewayPresence(id), JSON.stringify(forged)), 20); // no gateway may respond for a relay
  try {
    const said = await admin.run('admin', 'roles', 'revoke', role.name, server.name);
    expect([said.status, said.stdout]).toEqual([3, '']);
    expect(said.stderr).toMatch(/only 2 of 3 relays have it; not confirmed by the relay relay-2, last seen at 20/);
  } finally {
    clearInterval(forging);
    await gateway.connection.close();
    process.kill(stopped.pid as number, 'SIGCONT');
  }
  await expect
    .poll(async () => (await admin.run('admin', 'roles', 'revoke', role.name, server.name)).stdout, { timeout: 20_000 })
    .toContain('3 of 3 relays have it');
});

it('says that no relay has it while the bus does not store it, and that it is published later', async () => {
  const { server, role, session } = await reached();
  const registry = await joinBus(scene.installation.options.home, 'registry');
  const { streams } = await jetstreamManager(registry.connection, { checkAPI: false });
  const largest = (max_msg_size: number) => streams.update('KV_policy_default', { max_msg_size });
  await largest(1);
  try {
    const said = await admin.run('admin', 'roles', 'revoke', role.name, server.name);
    expect([said.status, said.stdout]).toEqual([3, '']);
    expect(said.stderr).toContain('committed, but no relay has it yet: it is not published');
    expect(session.destroyed).toBe(false);
  } finally {
    await largest(-1);
  }
  await expect.poll(() => session.destroyed, { timeout: 20_000 }).toBe(true);
  await registry.connection.close();
});

it('deletes keys of deleted objects once no reader can need them, and no others', async () => {
  const registry = await joinBus(scene.installation.options.home, 'registry');
  const kv = await new Kvm(registry.connection).open('policy_default');
  const gone = (hours: number) =>
    JSON.stringify({ revision: 1, changedAt: new Date(Date.now() - hours * 3600_000).toISOString(), entry: null });
  const [old, young] = [`role.${randomUUID()}`, `role.${randomUUID()}`];
  await kv.put(old, gone(49));
  await kv.put(young, gone(47));
  scene.installation.service('registry').kill('SIGKILL'); // the instance that takes over compares everything
  const manager = await jetstreamManager(registry.connection, { checkAPI: false });
  const stands = async (key: string): Promise<boolean> => {
    const query = { seq: 1, batch: 1, next_by_subj: `$KV.policy_default.${key}` };
    try {
      for await (const message of await manager.direct.getBatch('KV_policy_default', query)) return message.seq > 0;
      return false;
    } catch (error) {
      if ((error as { code?: unknown }).code === 404) return false; // nothing under this key
      throw error;
    }
  };
  expect([await stands(old), await stands(young)]).toEqual([true, true]);
  await expect.poll(() => stands(old), { timeout: 30_000 }).toBe(false);
  expect(await stands(young)).toBe(true);
  await registry.connection.close();
  const { server, role } = await reached();
  await expect
    .poll(async () => (await admin.run('admin', 'roles', 'revoke', role.name, server.name)).stdout, { timeout: 20_000 })
    .toContain('3 of 3 relays have it');
});
