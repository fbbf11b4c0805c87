import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createSluiceClient, type Schemas, type SluiceClient, tokenOf, unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { joinBus } from '../join-bus.js';
import { echo, Resource } from '../resource.js';
import { sharedSystem } from '../system.js';

let system: TestSystem;
let person: TestUser;
let resource: Resource;
let api: SluiceClient;
let server: Schemas['Server'];

beforeAll(async () => {
  system = await sharedSystem();
  person = await system.addUser();
  resource = await Resource.serve(echo);
  server = await system.addServer(resource.port);
  await system.grant([person], [server]);
  const password = readFileSync(person.passwordFile, 'utf8');
  const login = await unwrap(
    createSluiceClient({ server: system.handle.url }).POST('/api/v1/logins', { body: { email: person.email, password } }),
  );
  api = createSluiceClient({ server: system.handle.url, token: tokenOf(login) });
});
afterAll(async () => {
  resource.close();
  await person.leave();
});

const attempt = (more: object = {}) => ({
  requestId: randomUUID(),
  attempt: 1,
  resourceId: server.id,
  reason: 'no relay' as const,
  message: 'nobody there\u001b[2J',
  startedAt: new Date().toISOString(),
  ...more,
});

it("cannot touch a relay's record: the id of a report is the server's", async () => {
  const socket = connect(await person.connect(server.name), '127.0.0.1');
  socket.write('hello');
  await once(socket, 'data');
  const [live] = await system.recordsWhen(server.id, (all) => all[0]?.state === 'live');
  const claimed = { ...attempt(), id: live?.id ?? '' };
  const { response } = await api.POST('/api/v1/me/attempts', { body: claimed });
  expect(response.status).toBe(400);
  socket.end();
  await once(socket, 'close');
  const [record] = await system.recordsWhen(server.id, (all) => all[0]?.state === 'final');
  expect(record).toMatchObject({ id: live?.id, outcome: 'completed', bytesUp: 5, bytesDown: 5, source: 'relay' });
});

it('is a fact of the registry about a server that the account reaches, at the time when it was received', async () => {
  const siem = await joinBus(system.handle.home, 'siem');
  const facts: { incarnation: string; number: number; data: { agent: { message: string } } }[] = [];
  siem.connection.subscribe(`audit.v1.attempt.unanswered.${server.id}`, {
    callback: (_, message) => void facts.push(message.json()),
  });
  await siem.connection.flush();
  const body = attempt({ startedAt: '9999-01-01T00:00:00Z' });
  const { id } = await unwrap(api.POST('/api/v1/me/attempts', { body }));
  expect((await unwrap(api.POST('/api/v1/me/attempts', { body }))).id).toBe(id); // reported twice, it is one attempt
  const byName = () => unwrap(system.admin.GET('/api/v1/sessions', { params: { query: { resource: server.name } } }));
  await expect.poll(async () => (await byName()).items.find((record) => record.id === id), { timeout: 10_000 }).toBeDefined();
  const record = (await byName()).items.find((each) => each.id === id);
  expect(record).toMatchObject({
    source: 'agent',
    outcome: 'failed',
    endReason: 'no relay',
    message: 'nobody there[2J',
    bytesUp: 0,
  });
  expect(Math.abs(Date.parse(record?.startedAt ?? '') - Date.now())).toBeLessThan(60_000);
  await expect.poll(() => facts.length, { timeout: 15_000 }).toBe(1);
  expect(facts[0]?.number).toBeGreaterThan(1);
  await siem.connection.close();
  expect((await api.POST('/api/v1/me/attempts', { body: attempt({ message: 'a\u0000b' }) })).response.status).toBe(400);
  const unknown = await api.POST('/api/v1/me/attempts', { body: attempt({ resourceId: randomUUID() }) });
  expect(unknown.response.status).toBe(404);
  const notMine = await system.addServer(resource.port);
  expect((await api.POST('/api/v1/me/attempts', { body: attempt({ resourceId: notMine.id }) })).response.status).toBe(404);
});

it('is folded, and has a budget of a minute', async () => {
  const servers = await Promise.all(Array.from({ length: 7 }, () => system.addServer(resource.port)));
  await system.grant([person], servers);
  const owner = await databaseOwner(system);
  const noted = async () =>
    (
      await owner.query<{ rows: number; repeats: number }>(
        'select count(*)::int as rows, coalesce(sum(repeats), 0)::int as repeats from registry.attempt where account_id = $1',
        [person.id],
      )
    ).rows[0] as { rows: number; repeats: number };
  const before = await noted();
  for (let i = 0; i < 60; i++) await unwrap(api.POST('/api/v1/me/attempts', { body: attempt({ resourceId: servers[0]?.id }) }));
  const folded = await noted();
  expect([folded.rows - before.rows, folded.repeats - before.repeats]).toEqual([11, 60]);
  const again = attempt({ resourceId: servers[0]?.id });
  const ids = new Set<string>();
  for (let i = 0; i < 3; i++) ids.add((await unwrap(api.POST('/api/v1/me/attempts', { body: again }))).id);
  expect([ids.size, (await noted()).repeats - folded.repeats]).toEqual([1, 1]); // folded and reported three times, it counts once
  const statuses: number[] = [];
  for (const { id } of servers.slice(1))
    for (let i = 0; i < 15; i++)
      statuses.push((await api.POST('/api/v1/me/attempts', { body: attempt({ resourceId: id }) })).response.status);
  expect(statuses).toContain(429);
  const after = await noted();
  expect(after.rows).toBeLessThanOrEqual(61);
  const { rows: dropped } = await owner.query<{ n: number }>(
    'select coalesce(sum(dropped), 0)::int as n from registry.attempt where account_id = $1',
    [person.id],
  );
  expect(dropped[0]?.n).toBe(statuses.filter((status) => status === 429).length); // not kept, but counted
  await owner.end();
});
