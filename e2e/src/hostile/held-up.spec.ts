import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { SessionIds } from '@sluice/contracts';
import { unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carried } from '../carried.js';
import { databaseOwner } from '../database-owner.js';
import { handMadeFacts } from '../hand-made-facts.js';
import { type BusUser, joinBus } from '../join-bus.js';
import { echo, Resource } from '../resource.js';
import { sharedSystem } from '../system.js';

const WITHIN = { timeout: 30_000 };
const SESSIONS = 20;

let system: TestSystem;
let person: TestUser;
let resource: Resource;
let owner: pg.Client;
let relay: BusUser;

beforeAll(async () => {
  system = await sharedSystem();
  person = await system.addUser();
  resource = await Resource.serve(echo);
  owner = await databaseOwner(system);
  relay = await joinBus(system.handle.home, 'relay');
});
afterAll(async () => {
  resource.close();
  await person.leave();
  await owner.end();
  await relay.connection.close();
});

it('records ordinary sessions exactly while their relay publishes facts that are made to stop or to forge records', async () => {
  const server = await system.addServer(resource.port);
  await system.grant([person], [server]);
  const port = await person.connect(server.name);

  const { begin, refusal: attempt, envelope, subjectOf } = handMadeFacts(relay.name);
  const ids = new SessionIds(relay.name);
  const incarnation = randomUUID();
  let number = 0;
  const publish = (kind: string, data: object, more: object = {}, at = ++number) =>
    relay.connection.publish(subjectOf(kind), envelope(incarnation, at, data, more));
  const refusal = (more: object = {}) => ({ ...attempt('hostile'), sessionId: ids.next(), ...more });
  const opened = (sessionId: string, more: object = {}) => ({ ...begin(sessionId), dialledAddress: '127.0.0.1:1', ...more });

  const cut = `${'a'.repeat(500 - 'the fact says node '.length - 1)}\u{1F600}`;
  for (let i = 0; i < 600; i++) publish('refused', refusal(), { node: cut });

  const id = randomUUID();
  const [forged, stored] = [refusal(), refusal()];
  publish('refused', forged, { id }, 1);
  publish('refused', stored, { id });

  const twice = ids.next();
  const account = (name: string) => ({ account: { id: name, email: `${name}@example.com` } });
  publish('opened', opened(twice, account('first')));
  publish('opened', opened(twice, { ...account('second'), startedAt: '2020-01-01T00:00:00Z' }));

  const capitals = ids.next();
  publish('opened', opened(capitals.toUpperCase(), account('capitals')));
  const wrong = [
    refusal({ repeats: 2 ** 31 - 1 }),
    refusal({ repeats: 2 ** 31 - 1 }),
    opened(ids.next(), { cluster: 'finance' }),
    opened(ids.next(), { relay: { id: randomUUID(), name: 'relay-of-finance' } }),
    opened(ids.next(), { startedAt: '2199-12-31T00:00:00Z' }),
  ];
  for (const data of wrong) publish('endReason' in data ? 'refused' : 'opened', data);
  relay.connection.publish(`audit.v1.session.refused.default.${relay.name}.\u00e9`, envelope(incarnation, ++number, refusal()));
  await relay.connection.flush();

  for (let i = 0; i < SESSIONS; i++) {
    const socket = await carried(port);
    socket.end();
    await once(socket, 'close');
  }
  const records = await system.recordsWhen(
    server.id,
    (all) => all.length === SESSIONS && all.every(({ state }) => state === 'final'),
    30_000,
  );
  for (const record of records)
    expect(record).toMatchObject({ outcome: 'completed', exactness: 'exact', bytesUp: 5, bytesDown: 5 });

  const through = async () =>
    (await owner.query<{ through: string }>('select through from audit.chain where incarnation = $1', [incarnation])).rows[0];
  await expect.poll(through, WITHIN).toEqual({ through: String(number) });
  const made = async (...sessions: string[]) =>
    (
      await owner.query<{ id: string; account_id: string }>(
        'select id, account_id from audit.session where id = any($1::uuid[]) order by id',
        [sessions],
      )
    ).rows;
  expect(await made(forged.sessionId, ...wrong.map(({ sessionId }) => sessionId))).toEqual([]);
  expect(await made(stored.sessionId)).toHaveLength(1);
  expect(await made(twice, capitals)).toEqual([
    { id: twice, account_id: 'first' },
    { id: capitals, account_id: 'capitals' },
  ]);
  expect((await unwrap(system.admin.GET('/api/v1/overview'))).hours.length).toBeGreaterThan(0);
  expect(await person.mustRun('doctor')).toMatch(/system +good +reports nothing wrong/);
});
