import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { useRegistryDatabase } from '../testing/use-registry-database.js';
import { type CountLive, pageOfServerAccess, pageOfUserAccess } from './page-of-access.js';

let database: DataSource;
const ids = Object.fromEntries(
  ['ann', 'bob', 'cyd', 'dan', 'orders', 'stock', 'developers', 'analysts'].map((name) => [name, randomUUID()]),
) as Record<string, string>;
const idOf = (name: string): string => ids[name] ?? expect.fail(name);

useRegistryDatabase(async (opened) => {
  database = opened;
  for (const [name, status] of [
    ['bob', 'suspended'],
    ['ann', 'active'],
    ['cyd', 'deleted'],
    ['dan', 'active'],
  ] as const)
    await database.query("insert into account (id, email, api_role, status) values ($1, $2, 'user', $3)", [
      idOf(name),
      `${name}@example.test`,
      status,
    ]);
  for (const [port, name] of ['stock', 'orders'].entries())
    await database.query(
      `insert into resource (id, name, name_key, cluster_id, hostname, port, connectivity_mode, bind_address, port_override)
       values ($1, $2, $2, 'default', 'db.internal', 1, 'loopback', '127.0.0.1', $3)`,
      [idOf(name), name, 20_000 + port],
    );
  for (const name of ['developers', 'analysts'])
    await database.query('insert into role (id, name, name_key) values ($1, $2, $2)', [idOf(name), name]);
  for (const [role, server, since] of [
    ['developers', 'orders', '2026-01-02T00:00:00Z'],
    ['developers', 'stock', '2026-01-02T00:00:00Z'],
    ['analysts', 'orders', null],
  ] as const)
    await database.query('insert into role_resource (role_id, resource_id, since) values ($1, $2, $3)', [
      idOf(role),
      idOf(server),
      since,
    ]);
  for (const [role, account, since] of [
    ['developers', 'ann', '2026-01-01T00:00:00Z'],
    ['developers', 'bob', '2026-01-03T00:00:00Z'],
    ['developers', 'cyd', '2026-01-03T00:00:00Z'],
    ['analysts', 'ann', '2026-01-03T00:00:00Z'],
  ] as const)
    await database.query('insert into role_account (role_id, account_id, since) values ($1, $2, $3)', [
      idOf(role),
      idOf(account),
      since,
    ]);
});

const none: CountLive = () => Promise.resolve(() => 0);
const role = (name: string, since: string | null) => ({ id: idOf(name), name, since });
const user = (name: string, status: string) => ({ id: idOf(name), email: `${name}@example.test`, status });

it('names the users who may reach a server with every role that gives it, the suspended too, and neither deleted users nor others', async () => {
  const live: CountLive = (accounts, resources) => {
    expect([accounts, resources]).toEqual([[idOf('ann'), idOf('bob')], [idOf('orders')]]);
    return Promise.resolve((account) => (account === idOf('ann') ? 2 : null));
  };
  expect(await pageOfServerAccess(database, { id: idOf('orders'), limit: 10 }, live)).toEqual({
    items: [
      {
        user: user('ann', 'active'),
        roles: [role('analysts', null), role('developers', '2026-01-02T00:00:00.000Z')], // access began with the later of the two
        liveSessions: 2,
      },
      { user: user('bob', 'suspended'), roles: [role('developers', '2026-01-03T00:00:00.000Z')], liveSessions: null },
    ],
  });
});

it('names the servers that a user may reach, by name', async () => {
  const { items } = await pageOfUserAccess(database, { id: idOf('ann'), limit: 10 }, none);
  expect(items.map(({ server, roles }) => [server.name, roles.map(({ name }) => name)])).toEqual([
    ['orders', ['analysts', 'developers']],
    ['stock', ['developers']],
  ]);
  expect(await pageOfUserAccess(database, { id: idOf('dan'), limit: 10 }, none)).toEqual({ items: [] });
});

it('continues from page to page until the list ends', async () => {
  const emails: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await pageOfServerAccess(database, { id: idOf('orders'), limit: 1, cursor }, none);
    emails.push(...page.items.map((item) => item.user.email));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(emails).toEqual(['ann@example.test', 'bob@example.test']);
  const first = await pageOfUserAccess(database, { id: idOf('ann'), limit: 1 }, none);
  const second = await pageOfUserAccess(database, { id: idOf('ann'), limit: 1, cursor: first.nextCursor }, none);
  expect([first, second].flatMap(({ items }) => items.map(({ server }) => server.name))).toEqual(['orders', 'stock']);
  expect(second.nextCursor).toBeUndefined();
});

it('answers 404 for a server or user that does not exist, or not any more', async () => {
  for (const read of [
    () => pageOfServerAccess(database, { id: randomUUID(), limit: 1 }, none),
    () => pageOfUserAccess(database, { id: randomUUID(), limit: 1 }, none),
    () => pageOfUserAccess(database, { id: idOf('cyd'), limit: 1 }, none),
  ])
    await expect(read()).rejects.toMatchObject({ problem: { status: 404 } });
});
