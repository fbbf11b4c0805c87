import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { loadMigration } from '@sluice/embedded';
import { createSluiceClient, type SluiceClient, tokenOf, unwrap } from '@sluice/sdk';
import type { TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { databaseOwner } from './database-owner.js';
import { Scene } from './scene.js';

let scene: Scene;
let api: SluiceClient;
beforeAll(async () => {
  scene = await Scene.start();
  api = scene.system.admin;
});
afterAll(() => scene.end());

const ofServer = async (id: string, as = api) =>
  unwrap(as.GET('/api/v1/servers/{id}/access', { params: { path: { id }, query: {} } }));
const ofUser = async (id: string, as = api) =>
  unwrap(as.GET('/api/v1/users/{id}/access', { params: { path: { id }, query: {} } }));
async function apiOf({ email, passwordFile }: TestUser): Promise<SluiceClient> {
  const server = scene.system.handle.url;
  const body = { email, password: readFileSync(passwordFile, 'utf8') };
  return createSluiceClient({
    server,
    token: tokenOf(await unwrap(createSluiceClient({ server }).POST('/api/v1/logins', { body }))),
  });
}

it('says who may reach a server, by which roles and since when, and how many sessions of theirs run', async () => {
  const { system, user, resource } = scene;
  const server = await system.addServer(resource.port);
  const other = await system.addServer(resource.port);
  const suspended = await system.addUser();
  const began = Date.now();
  const first = await system.grant([user, suspended], [server, other]);
  const second = await system.grant([user], [server]);
  const path = { id: suspended.id };
  await unwrap(api.POST('/api/v1/users/{id}/suspend', { params: { path }, body: { version: 1 } }));

  const client = connect(await user.connect(server.name), '127.0.0.1');
  client.write('hello');
  await once(client, 'data');
  await vi.waitFor(async () => expect((await ofUser(user.id)).items.map((item) => item.liveSessions)).toContain(1), 10_000);

  const { items } = await ofServer(server.id);
  expect(items.map((item) => [item.user.email, item.user.status, item.liveSessions])).toEqual(
    [
      [user.email, 'active', 1],
      [suspended.email, 'suspended', 0],
    ].sort(),
  );
  const roles = items.find((item) => item.user.id === user.id)?.roles ?? [];
  expect(roles.map(({ id }) => id).sort()).toEqual([first, second].sort());
  for (const { since } of roles) expect(Math.abs(Date.parse(since ?? '') - began)).toBeLessThan(60_000);
  const reached = (await ofUser(user.id)).items.map((item) => [item.server.id, item.liveSessions, item.roles.length]);
  expect(reached.sort()).toEqual([[server.id, 1, 2] as const, [other.id, 0, 1] as const].sort());
  client.destroy();

  await unwrap(api.DELETE('/api/v1/roles/{id}/servers/{serverId}', { params: { path: { id: first, serverId: server.id } } }));
  expect((await ofServer(server.id)).items).toMatchObject([{ user: { id: user.id }, roles: [{ id: second }] }]);
  await suspended.leave();
});

it('answers auditors, and no user, not even about themselves', async () => {
  const server = await scene.system.addServer(scene.resource.port);
  const auditor = await scene.system.addUser('auditor');
  expect((await ofServer(server.id, await apiOf(auditor))).items).toEqual([]);
  expect((await ofUser(auditor.id, await apiOf(auditor))).items).toEqual([]);
  const theirs = await apiOf(scene.user);
  await expect(ofServer(server.id, theirs)).rejects.toMatchObject({ status: 403 });
  await expect(ofUser(scene.user.id, theirs)).rejects.toMatchObject({ status: 403 });
  await auditor.leave();
});

it('takes since when members are in a role from the activities, of a database that is older', async () => {
  const { system, resource } = scene;
  const user = await system.addUser();
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const owner = await databaseOwner(system);
  for (const table of ['role_account', 'role_resource']) await owner.query(`alter table registry.${table} drop column since`);
  await owner.query("delete from registry.migration where name like 'Registry0011%'");
  await owner.end();
  const root = path.join(import.meta.dirname, '..', '..');
  expect(await (await loadMigration(root, 'registry'))(system.databaseUrl)).toHaveLength(1);
  const { items } = await ofUser(user.id);
  expect(items).toMatchObject([{ server: { id: server.id } }]);
  expect(Math.abs(Date.parse(items[0]?.roles[0]?.since ?? '') - Date.now())).toBeLessThan(60_000);
  await user.leave();
});

it('says who may reach a server while nobody can count the sessions', async () => {
  const server = await scene.system.addServer(scene.resource.port);
  await scene.system.grant([scene.user], [server]);
  await scene.installation.service('audit').stop();
  expect((await ofServer(server.id)).items).toMatchObject([{ user: { id: scene.user.id }, liveSessions: null }]);
});
