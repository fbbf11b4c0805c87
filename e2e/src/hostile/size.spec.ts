import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FACT_LIMITS } from '@sluice/contracts';
import { createSluiceClient, type Schemas, type SluiceClient, tokenOf, unwrap } from '@sluice/sdk';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { handMadeFacts } from '../hand-made-facts.js';
import { joinAsNewRelay } from '../join-bus.js';
import { Scene } from '../scene.js';

const SERVERS = 20_000;
const USERS = 5000;
const MEMBERS = 1000;
const GRANTS = 30;
const LARGEST_MESSAGE = 1024 * 1024;

let scene: Scene;
let owner: pg.Client;
let api: SluiceClient;
let registry: number | undefined;
const ALL_ROLE = '00000000-0000-4000-8000-00000000a110';

/** What thousands of calls would have put there, as the owner of the tables. */
beforeAll(async () => {
  scene = await Scene.start();
  registry = scene.installation.service('registry').pid;
  owner = await databaseOwner(scene.system);
  await owner.query(
    `insert into registry.resource (id, name, name_key, cluster_id, hostname, port, connectivity_mode, bind_address, port_override, tags)
       select gen_random_uuid(), 'server ' || n, 'server ' || lpad(n::text, 6, '0'), 'default', 'host-' || n || '.example.test', 5432,
              'loopback', '127.0.0.1', 30000 + n, jsonb_build_object('team', 'team ' || n) from generate_series(1, ${SERVERS}) n`,
  );
  await owner.query(
    `insert into registry.account (id, email, api_role, password_hash)
       select gen_random_uuid(), 'person-' || n || '@example.test', 'user', 'none' from generate_series(1, ${USERS}) n`,
  );
  await owner.query("insert into registry.role (id, name, name_key) values ($1, 'all', 'all')", [ALL_ROLE]);
  await owner.query('insert into registry.role_resource (role_id, resource_id) select $1, id from registry.resource', [ALL_ROLE]);
  await owner.query("insert into registry.outbox (kind, object_id) values ('role', $1)", [ALL_ROLE]);
  const userId = scene.user.id;
  await unwrap(scene.system.admin.PUT('/api/v1/roles/{id}/users/{userId}', { params: { path: { id: ALL_ROLE, userId } } }));
  const login = await unwrap(
    createSluiceClient({ server: scene.system.handle.url }).POST('/api/v1/logins', {
      body: { email: scene.user.email, password: readFileSync(scene.user.passwordFile, 'utf8') },
    }),
  );
  api = createSluiceClient({ server: scene.system.handle.url, token: tokenOf(login) });
});
afterAll(async () => {
  expect(scene.installation.service('registry').pid).toBe(registry); // it responded all the time, and was never restarted
  await owner.end();
  await scene.end();
});

/** Reads a list to its end, in the largest pages that may be asked for. */
async function all<T>(
  read: (query: { limit: number; cursor?: string }) => Promise<{ items: T[]; nextCursor?: string | undefined }>,
): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await read({ limit: 500, ...(cursor === undefined ? {} : { cursor }) });
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(LARGEST_MESSAGE);
    items.push(...page.items);
    if (page.nextCursor === undefined) return items;
    cursor = page.nextCursor;
  }
}

it(`lists ${SERVERS} servers and ${USERS} users, each once`, async () => {
  const { admin } = scene.system;
  const servers = await all((query) => unwrap(admin.GET('/api/v1/servers', { params: { query } })));
  expect(new Set(servers.map(({ id }) => id)).size).toBe(SERVERS);
  expect((await all((query) => unwrap(admin.GET('/api/v1/users', { params: { query } })))).length).toBeGreaterThanOrEqual(USERS);
});

it(`keeps grants to a role of ${MEMBERS} servers as differences, and publishes every one`, async () => {
  const { admin } = scene.system;
  const role = await unwrap(admin.POST('/api/v1/roles', { body: { name: 'granted' } }));
  const { rows } = await owner.query<{ id: string }>('select id from registry.resource limit $1', [MEMBERS + GRANTS]);
  const ids = rows.map(({ id }) => id);
  await owner.query('insert into registry.role_resource (role_id, resource_id) select $1, unnest($2::uuid[])', [
    role.id,
    ids.slice(GRANTS),
  ]);
  for (const serverId of ids.slice(0, GRANTS))
    await unwrap(admin.PUT('/api/v1/roles/{id}/servers/{serverId}', { params: { path: { id: role.id, serverId } } }));
  const { items } = await unwrap(admin.GET('/api/v1/activities', { params: { query: { limit: 500 } } }));
  const grants = items.filter(({ verb, object }) => verb === 'granted' && object.id === role.id);
  expect(grants).toHaveLength(GRANTS);
  expect(Math.max(...grants.map((grant) => JSON.stringify(grant).length))).toBeLessThan(1000);
  expect(grants[0]).toMatchObject({
    after: { version: GRANTS + 1, servers: { added: [{ id: expect.any(String) }], removed: [] } },
  });
  const unpublished = async () => (await owner.query('select 1 from registry.activity where published_at is null')).rowCount;
  await expect.poll(unpublished, { timeout: 60_000 }).toBe(0);
  const { items: roles } = await unwrap(admin.GET('/api/v1/roles', { params: { query: { name: 'all' } } }));
  expect([roles[0]?.servers.length, roles[0]?.serverCount]).toEqual([1000, SERVERS]);
});

it('lists activities of an older release, each as long as a tenth of a message, and one that is longer than any', async () => {
  const { rows } = await owner.query<{ id: string }>(
    `insert into registry.activity (id, actor_id, actor_email, request_id, verb, object_kind, object_id, before, after, published_at)
       select gen_random_uuid(), 'old', '', '', 'granted', 'role', n::text, null,
              jsonb_build_object('servers', repeat('x', case when n = 1 then 2000000 else 100000 end)), now() from generate_series(1, 50) n
       returning id`,
  );
  const { admin } = scene.system;
  const listed = await all<Schemas['Activity']>((query) => unwrap(admin.GET('/api/v1/activities', { params: { query } })));
  const old = listed.filter(({ actor }) => actor.id === 'old');
  expect(new Set(old.map(({ id }) => id))).toEqual(new Set(rows.map(({ id }) => id)));
  expect(old.filter(({ shortened }) => shortened === true).map(({ object }) => object.id)).toEqual(['1']);
});

it('lists records whose texts all have the maximum length, however many are requested', async () => {
  const relay = await joinAsNewRelay(scene.system.handle.home);
  const { refusal, envelope, subjectOf } = handMadeFacts(relay.name);
  const name = '漢'.repeat(FACT_LIMITS.name);
  const value = '漢'.repeat(FACT_LIMITS.tagValue);
  const tags = Object.fromEntries(Array.from({ length: FACT_LIMITS.tags }, (_, i) => [String(i).padStart(63, 'k'), value]));
  const incarnation = randomUUID();
  const texts = { loginId: name, gateway: name, clientAddress: name, dialledAddress: name, rule: name };
  const account = { id: 'wordy', email: name };
  const fact = () => {
    const attempt = refusal('漢'.repeat(FACT_LIMITS.message));
    const resource = { ...attempt.resource, name, endpoint: name, tags };
    return { ...attempt, ...texts, account, resource, relay: { ...attempt.relay, name } };
  };
  const facts = Array.from({ length: 100 }, fact);
  for (const [i, data] of facts.entries()) relay.connection.publish(subjectOf('refused'), envelope(incarnation, i + 1, data));
  await relay.connection.flush();
  const query = { account: 'wordy' };
  const listed = () =>
    all((page) => unwrap(scene.system.admin.GET('/api/v1/sessions', { params: { query: { ...page, ...query } } })));
  await expect.poll(async () => (await listed()).length, { timeout: 30_000, interval: 500 }).toBe(facts.length);
  expect(new Set((await listed()).map(({ id }) => id))).toEqual(new Set(facts.map(({ sessionId }) => sessionId)));
  await relay.connection.close();
});

it('sends an agent everything that it may reach once, and then only that nothing changed', async () => {
  const read = (query: { version?: string; from?: number }) => unwrap(api.GET('/api/v1/me', { params: { query } }));
  let page = await read({});
  const ids = page.resources.map(({ id }) => id);
  while (page.next !== undefined) {
    page = await read({ version: page.version ?? '', from: page.next });
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(LARGEST_MESSAGE);
    ids.push(...page.resources.map(({ id }) => id));
  }
  expect(new Set(ids).size).toBe(SERVERS);
  const same = await read({ version: page.version ?? '' });
  expect([same.unchanged, same.resources]).toEqual([true, []]);
  expect(JSON.stringify(same).length).toBeLessThan(1000);
  await scene.user.connect('server 19999'); // the agent itself has all of it
});

it('still revokes access and adds servers', async () => {
  const { admin } = scene.system;
  const began = performance.now();
  const server = await scene.system.addServer(scene.resource.port);
  console.log(`a server was added beside ${SERVERS} in ${Math.round(performance.now() - began)} ms`);
  const path = { id: ALL_ROLE, serverId: server.id };
  const full = await admin.PUT('/api/v1/roles/{id}/servers/{serverId}', { params: { path } });
  expect(full.error).toMatchObject({ code: 'role_full', value: 'all' });
  const member = { id: ALL_ROLE, userId: scene.user.id };
  const { reach } = await unwrap(admin.DELETE('/api/v1/roles/{id}/users/{userId}', { params: { path: member } }));
  expect(reach).toEqual({ published: true, relays: 1, of: 1, missing: [] });
  expect((await unwrap(api.GET('/api/v1/me', { params: { query: {} } }))).resources).toEqual([]);
});
