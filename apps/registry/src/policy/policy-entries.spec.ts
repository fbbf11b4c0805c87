import { randomUUID } from 'node:crypto';
import { GATEWAY_BUCKET, HEALTH_POLICY_BUCKET, POLICY_KINDS, policyBucket, PolicyEntry, SETTINGS_ID } from '@sluice/contracts';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { addOrganization } from '../testing/add-organization.js';
import { useRegistryDatabase } from '../testing/use-registry-database.js';
import { bucketViews, readClusters, readEntries } from './policy-entries.js';

let database: DataSource;

useRegistryDatabase(async (opened) => {
  database = opened;
  await addOrganization(database, { settings: { idleTimeoutSeconds: 77 } });
});

async function account(status = 'active', deletedAgo: string | null = null): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into account (id, email, api_role, password_hash, status, deleted_at)
     values ($1, $2, 'user', '', $3, now() - $4::interval)`,
    [id, `${id}@example.test`, status, deletedAgo],
  );
  return id;
}

async function login(of: string, endedAgo: string | null): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into login (id, account_id, token_hash, expires_at, ended_at) values ($1, $2, $3, now() + '1 hour', now() - $4::interval)`,
    [id, of, id, endedAgo],
  );
  return id;
}

let ports = 1000;
async function resource(cluster = 'default'): Promise<string> {
  const id = randomUUID();
  ports += 1;
  await database.query(
    `insert into resource (id, name, name_key, cluster_id, hostname, port, connectivity_mode, bind_address, port_override, tags)
     values ($1, $2, $2, $3, 'db.internal', 5432, 'loopback', '127.0.0.1', $4, '{"env": "prod"}')`,
    [id, `server ${id}`, cluster, ports],
  );
  return id;
}

async function role(accounts: string[], resources: string[]): Promise<string> {
  const id = randomUUID();
  await database.query('insert into role (id, name, name_key) values ($1, $2, $2)', [id, `role ${id}`]);
  for (const each of accounts) await database.query('insert into role_account (role_id, account_id) values ($1, $2)', [id, each]);
  for (const each of resources)
    await database.query('insert into role_resource (role_id, resource_id) values ($1, $2)', [id, each]);
  return id;
}

async function node(
  kind: string,
  columns: { address?: string; relayAddress?: string; deletedAgo?: string } = {},
): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into node (id, kind, name, public_key, address, relay_address, deleted_at) values ($1, $2, $3, '', $4, $5, now() - $6::interval)`,
    [id, kind, `node ${id}`, columns.address ?? null, columns.relayAddress ?? null, columns.deletedAgo ?? null],
  );
  return id;
}

const read = (kind: (typeof POLICY_KINDS)[number], ids: string[] | null) => readEntries(kind, database.manager, ids);
const idsOf = (entries: readonly PolicyEntry[]) => entries.map(({ value }) => value.id).sort();

it('names a deleted account as long as a certificate of it can be valid, and a suspended one until it is resumed', async () => {
  const named = [await account('suspended'), await account('deleted', '1 hour'), await account('deleted')];
  const others = [await account(), await account('deleted', '3 hours')];
  expect(idsOf(await read('revoked', [...named, ...others]))).toEqual([...named].sort());
});

it('names an ended login and a deleted node as long as a certificate of theirs can be valid', async () => {
  const owner = await account();
  const named = [await login(owner, '1 hour'), await node('relay', { deletedAgo: '47 hours' })];
  const others = [
    await login(owner, null),
    await login(owner, '3 hours'),
    await node('relay'),
    await node('relay', { deletedAgo: '49 hours' }),
  ];
  const entries = await read('revoked', [...named, ...others]);
  expect(entries.map(({ value }) => value)).toEqual([
    { kind: 'login', id: named[0] },
    { kind: 'node', id: named[1] },
  ]);
});

it('revokes all certificates that were issued between a backup and its restore', async () => {
  const [recent, old] = [randomUUID(), randomUUID()];
  const [from, until] = [Date.now() - 60_000, Date.now()];
  const insert = 'insert into restore (id, from_at, until_at) values ($1, $2, $3)';
  await database.query(insert, [recent, new Date(from), new Date(until)]);
  await database.query(insert, [old, new Date(0), new Date(until - 49 * 3600_000)]);
  expect(await read('revoked', [recent, old])).toEqual([{ kind: 'revoked', value: { kind: 'issued', id: recent, from, until } }]);
});

it('lists an account only while it is active and has a role', async () => {
  const [active, suspended, withoutRole] = [await account(), await account('suspended'), await account()];
  const given = [await role([active, suspended], []), await role([active], [])].sort();
  expect(await read('account', [active, suspended, withoutRole])).toEqual([
    { kind: 'account', value: { id: active, email: `${active}@example.test`, roles: given } },
  ]);
});

it('lists with a role the resources that it grants', async () => {
  const granted = [await resource(), await resource()].sort();
  const [some, none] = [await role([], granted), await role([], [])];
  const entries = new Map((await read('role', [some, none])).map(({ value }) => [value.id, value]));
  expect(entries.get(some)).toEqual({ id: some, name: `role ${some}`, resources: granted });
  expect(entries.get(none)).toEqual({ id: none, name: `role ${none}`, resources: [] });
});

it('lists a gateway under the address that is for relays, if it has one, and no gateway that is deleted or has no address', async () => {
  const plain = await node('gateway', { address: 'a.example:7443' });
  const apart = await node('gateway', { address: 'b.example:7443', relayAddress: 'b.internal:7443' });
  const others = [
    await node('gateway'),
    await node('gateway', { address: 'c.example:7443', deletedAgo: '1 minute' }),
    await node('relay', { address: 'd.example:7443' }),
  ];
  const found = await read('gateway', [plain, apart, ...others]);
  expect(new Map(found.map(({ value }) => [value.id, value]))).toEqual(
    new Map([
      [plain, { id: plain, address: 'a.example:7443' }],
      [apart, { id: apart, address: 'b.internal:7443' }],
    ]),
  );
});

it('lists a drain until the node is in service again or deleted', async () => {
  const [bounded, open, serving, gone] = [await node('relay'), await node('gateway'), await node('relay'), await node('relay')];
  const deadline = new Date('2030-01-01T00:00:00Z');
  const drain = (id: string, until: Date | null) =>
    database.query('update node set draining_since = now(), drain_deadline = $2 where id = $1', [id, until]);
  await Promise.all([drain(bounded, deadline), drain(open, null), drain(gone, null)]);
  await database.query('update node set deleted_at = now() where id = $1', [gone]);
  const found = await read('drain', [bounded, open, serving, gone]);
  expect(new Map(found.map(({ value }) => [value.id, value]))).toEqual(
    new Map([
      [bounded, { id: bounded, kind: 'relay', cluster: null, deadline: deadline.toISOString() }],
      [open, { id: open, kind: 'gateway', cluster: null, deadline: null }],
    ]),
  );
});

it('shows relays the settings that they need, and none of how clients find resources except the virtual subnet', async () => {
  const [entry, ...more] = await read('settings', null);
  expect(more).toEqual([]);
  expect(entry?.value).toMatchObject({ id: SETTINGS_ID, idleTimeoutSeconds: 77, virtualSubnet: expect.any(String) as string });
  expect(Object.keys(entry?.value ?? {}).filter((key) => /loopback|dns|zone|range/i.test(key))).toEqual([]);
  expect(await read('settings', [SETTINGS_ID])).toEqual([entry]);
  expect(await read('settings', [])).toEqual([]);
});

it('has an entry for no id that does not exist, and all entries if no ids are given; each matches the schema', async () => {
  await role([await account()], [await resource()]);
  for (const kind of POLICY_KINDS) {
    expect(await read(kind, [randomUUID()])).toEqual([]);
    const all = await read(kind, null);
    expect(all.length).toBeGreaterThan(0);
    for (const entry of all) expect(PolicyEntry.parse(entry)).toEqual(entry);
  }
});

it('shows each bucket what its readers need: a cluster no resource of another, gateways no access data', async () => {
  await database.query(`insert into proxy_cluster (id, name, name_key) values ('other', 'other', 'other')`);
  const [own, foreign] = [await resource('default'), await resource('other')];
  const drained = { own: await node('relay'), foreign: await node('relay'), gateway: await node('gateway') };
  await database.query(`update node set draining_since = now(), cluster_id = 'default' where id = $1`, [drained.own]);
  await database.query(`update node set draining_since = now(), cluster_id = 'other' where id = $1`, [drained.foreign]);
  await database.query('update node set draining_since = now() where id = $1', [drained.gateway]);
  const entries = (await Promise.all(POLICY_KINDS.map((kind) => read(kind, null)))).flat();
  const views = bucketViews(await readClusters(database.manager));
  expect([...views.keys()].sort()).toEqual(
    [policyBucket('default'), policyBucket('other'), GATEWAY_BUCKET, HEALTH_POLICY_BUCKET].sort(),
  );
  const seenIn = (bucket: string) => entries.flatMap((entry) => views.get(bucket)?.(entry) ?? []);
  const kindsIn = (bucket: string) => [...new Set(seenIn(bucket).map(({ kind }) => kind))].sort();
  expect(kindsIn(policyBucket('default'))).toEqual([...POLICY_KINDS].sort());
  expect(kindsIn(GATEWAY_BUCKET)).toEqual(['drain', 'revoked', 'settings']);
  const drainsIn = (bucket: string) =>
    idsOf(seenIn(bucket).filter(({ kind, value }) => kind === 'drain' && Object.values(drained).includes(value.id)));
  expect(drainsIn(GATEWAY_BUCKET)).toEqual([drained.gateway]);
  expect(drainsIn(policyBucket('default'))).toEqual([drained.own, drained.gateway].sort());
  expect(drainsIn(policyBucket('other'))).toEqual([drained.foreign, drained.gateway].sort());
  expect(kindsIn(HEALTH_POLICY_BUCKET)).toEqual(['resource', 'settings']);
  for (const [bucket, wanted, unwanted] of [
    [policyBucket('default'), own, foreign],
    [policyBucket('other'), foreign, own],
  ] as const) {
    expect(idsOf(seenIn(bucket))).toContain(wanted);
    expect(idsOf(seenIn(bucket))).not.toContain(unwanted);
  }
});
