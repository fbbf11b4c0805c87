import { connect } from 'node:net';
import { EVENTS_PATH } from '@sluice/contracts';
import { createSluiceClient, type Schemas, tokenOf, unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from './database-owner.js';
import { echo, Resource } from './resource.js';
import { sharedSystem } from './system.js';

const WITHIN = { timeout: 15_000, interval: 50 };

let system: TestSystem;
let person: TestUser;
let other: TestUser;
let resource: Resource;
const cleanUp: (() => void)[] = [];
beforeAll(async () => {
  system = await sharedSystem();
  [person, other] = await Promise.all([system.addUser(), system.addUser()]);
  resource = await Resource.serve(echo);
});
afterEach(() => {
  for (const undo of cleanUp.splice(0)) undo();
});
afterAll(async () => {
  resource.close();
  await person.leave();
  await other.leave();
});

const tokenFor = async ({ email, passwordFile }: TestUser): Promise<string> => {
  const body = { email, password: readFileSync(passwordFile, 'utf8') };
  return tokenOf(await unwrap(createSluiceClient({ server: system.handle.url }).POST('/api/v1/logins', { body })));
};

/** Opens a stream and collects what it says. */
async function watch(token: string): Promise<{ changes: Schemas['Changes'][]; hasEnded: () => boolean }> {
  const closing = new AbortController();
  cleanUp.push(() => closing.abort());
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(system.handle.url + EVENTS_PATH, { headers, signal: closing.signal });
  expect(response.status).toBe(200);
  const changes: Schemas['Changes'][] = [];
  let ended = false;
  const read = async (): Promise<void> => {
    let rest = '';
    for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks)
        if (block.includes('event: changes'))
          changes.push(JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as Schemas['Changes']);
    }
  };
  void read()
    .catch(() => undefined)
    .finally(() => (ended = true));
  return { changes, hasEnded: () => ended };
}

const idsOf = (changes: Schemas['Changes'][], kind: string): string[] =>
  changes.flatMap(({ objects }) => objects.flatMap((of) => (of.kind === kind ? of.ids : [])));
const sessionsOf = (changes: Schemas['Changes'][], list: 'opened' | 'closed'): string[] =>
  changes.flatMap(({ sessions }) => sessions[list]);

it('reports every change to an administrator, and to users their own sessions and what they may reach', async () => {
  const admin = await watch(system.adminToken);
  const mine = await watch(await tokenFor(person));
  const others = await watch(await tokenFor(other));

  const server = await system.addServer(resource.port);
  const roleId = await system.grant([person], [server]);
  await expect.poll(() => idsOf(admin.changes, 'server'), WITHIN).toContain(server.id);
  await expect.poll(() => idsOf(admin.changes, 'role'), WITHIN).toContain(roleId);
  const { items } = await unwrap(system.admin.GET('/api/v1/activities', { params: { query: { limit: 20 } } }));
  const added = items.find(({ object, verb }) => object.id === server.id && verb === 'added');
  expect(idsOf(admin.changes, 'activity')).toContain(added?.id);
  await expect.poll(() => mine.changes.flatMap(({ objects }) => objects.map(({ kind }) => kind)), WITHIN).toContain('feed');
  expect(idsOf(mine.changes, 'server')).toEqual([]);

  const socket = connect(await person.connect(server.name), '127.0.0.1');
  cleanUp.push(() => socket.destroy());
  socket.write('hello');
  const [live] = await system.recordsWhen(server.id, ([record]) => record?.state === 'live');
  const id = live?.id ?? '';
  await expect.poll(() => sessionsOf(admin.changes, 'opened'), WITHIN).toContain(id);
  await expect.poll(() => sessionsOf(mine.changes, 'opened'), WITHIN).toContain(id);
  await expect.poll(() => idsOf(admin.changes, 'health'), WITHIN).toContain(server.id);
  socket.end();
  await expect.poll(() => sessionsOf(admin.changes, 'closed'), WITHIN).toContain(id);
  await expect.poll(() => sessionsOf(mine.changes, 'closed'), WITHIN).toContain(id);
  expect([...sessionsOf(others.changes, 'opened'), ...sessionsOf(others.changes, 'closed')]).toEqual([]);
});

it('notifies an administrator of refusals that were folded into one activity', async () => {
  const admin = await watch(system.adminToken);
  const theirs = createSluiceClient({ server: system.handle.url, token: await tokenFor(person) });
  await expect(unwrap(theirs.GET('/api/v1/users'))).rejects.toMatchObject({ status: 403 });
  const owner = await databaseOwner(system);
  const denied = { actor: person.email, action: 'denied' };
  const folded = async (): Promise<string | undefined> => {
    await owner.query("update registry.refusal set minute = minute - interval '2 minutes' where account_id = $1", [person.id]); // the minute is over
    return (await unwrap(system.admin.GET('/api/v1/activities', { params: { query: denied } }))).items[0]?.id;
  };
  await expect.poll(folded, WITHIN).toBeDefined();
  const id = await folded();
  await owner.end();
  await expect.poll(() => idsOf(admin.changes, 'activity'), WITHIN).toContain(id);
});

it('ends when the login ends and when the account is suspended', async () => {
  const token = await tokenFor(other);
  const [first, second] = [await watch(token), await watch(await tokenFor(other))];
  await unwrap(createSluiceClient({ server: system.handle.url, token }).DELETE('/api/v1/logins/current'));
  await expect.poll(first.hasEnded, { timeout: 5000 }).toBe(true);
  expect(second.hasEnded()).toBe(false);
  const params = { path: { id: other.id } };
  const { version } = await unwrap(system.admin.GET('/api/v1/users/{id}', { params }));
  await unwrap(system.admin.POST('/api/v1/users/{id}/suspend', { params, body: { version } }));
  await expect.poll(second.hasEnded, { timeout: 5000 }).toBe(true);
});
