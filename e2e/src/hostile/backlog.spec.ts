import { unwrap } from '@sluice/sdk';
import type { TestSystem, TestUser } from '@sluice/testing';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { carried } from '../carried.js';
import { echo, Resource } from '../resource.js';
import { sharedSystem } from '../system.js';

const BACKLOG = 4000;

let system: TestSystem;
let user: TestUser;
let resource: Resource;
let owner: pg.Client;
beforeAll(async () => {
  system = await sharedSystem();
  user = await system.addUser();
  resource = await Resource.serve(echo);
  owner = await databaseOwner(system);
});
afterAll(async () => {
  await owner.end();
  resource.close();
  await user.leave();
});

const unpublished = async (): Promise<number> => {
  const { rows } = await owner.query<{ count: string }>('select count(*) from registry.activity where published_at is null');
  return Number(rows[0]?.count);
};

it('cuts a session while thousands of activities still wait to be published: the policy does not queue behind facts', async () => {
  const server = await system.addServer(resource.port);
  const role = await system.grant([user], [server]);
  const socket = await carried(await user.connect(server.name));
  await owner.query(
    `insert into registry.activity (id, actor_id, actor_email, request_id, verb, object_kind, object_id)
       select gen_random_uuid(), 'backlog', 'backlog@example.test', 'backlog', 'updated', 'server', 'backlog' from generate_series(1, $1)`,
    [BACKLOG],
  );
  socket.on('error', () => undefined); // it is cut by a reset
  const cut = new Promise((resolve) => socket.once('close', resolve));
  const path = { id: role, serverId: server.id };
  await unwrap(system.admin.DELETE('/api/v1/roles/{id}/servers/{serverId}', { params: { path } }));
  await cut;
  expect(await unpublished()).toBeGreaterThan(0);
});
