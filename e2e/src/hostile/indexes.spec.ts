import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { makeKeyPair } from '@sluice/identity';
import { createSluiceClient, type SluiceClient, tokenOf, unwrap } from '@sluice/sdk';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { databaseOwner } from '../database-owner.js';
import { Scene } from '../scene.js';

const ROWS = 6000;
const CLUSTERS = 100;
const PASSWORD = 'correct horse battery staple';

/** Queries that read the whole of a table because all of it is what they are for. */
const READS_ALL = [
  'group by bind_address', // which addresses and ports are taken, to assign free ones
  'select distinct address from known_address', // read every ten seconds for all sign-ins together
];

let scene: Scene;
let owner: pg.Client;
let api: SluiceClient;
let person: { id: string; email: string };

/** Has the server log the plan of every query of the registry, and fills its tables as years of use would. */
beforeAll(async () => {
  scene = await Scene.start();
  owner = await databaseOwner(scene.system);
  const settings = {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_format': 'json',
  };
  for (const [name, value] of Object.entries(settings)) await owner.query(`alter role sluice_registry set ${name} = '${value}'`);
  await owner.query("load 'auto_explain'");
  await owner.query("set auto_explain.log_min_duration = 0; set auto_explain.log_format = 'json'");
  await owner.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sluice_registry' and application_name <> 'sluice-listener'",
  );
  await owner.query(
    `insert into registry.proxy_cluster (id, name, name_key) select 'c' || n, 'cluster ' || n, 'cluster ' || n from generate_series(0, ${CLUSTERS - 1}) n`,
  );
  const filled = Object.entries(FILLS).map(([table, [columns, values]]) =>
    owner.query(`insert into registry.${table} (${columns}) select ${values} from generate_series(1, ${ROWS}) n`),
  );
  await Promise.all(filled);
  await owner.query('analyze');
  api = scene.system.admin;
  await vi.waitFor(() => unwrap(api.GET('/api/v1/settings')), 10_000);
  const email = 'somebody@example.test';
  person = await unwrap(api.POST('/api/v1/users', { body: { email, apiRole: 'user', password: PASSWORD } }));
});
afterAll(async () => {
  await owner.end();
  await scene.end();
});

/** An id of row n, the same wherever it is named, in the form of random ones. */
const id = (of: string) => `overlay(overlay(md5('${of} ' || n) placing '4' from 13) placing '8' from 17)::uuid`;
const cluster = `'c' || (n % ${CLUSTERS})`;
const DONE = "now() - interval '1 hour'";
/** Columns of each table that grows, and the values of row n. */
const FILLS: Record<string, [string, string]> = {
  account: ['id, email, api_role, password_hash', `${id('a')}, 'person-' || n || '@example.test', 'user', 'none'`],
  resource: [
    'id, name, name_key, cluster_id, hostname, port, connectivity_mode, bind_address, port_override',
    `${id('r')}, 'server ' || n, 'server ' || n, ${cluster}, 'host-' || n || '.example.test', 5432, 'loopback', '127.0.0.1', 20000 + n`,
  ],
  role: ['id, name, name_key', `${id('o')}, 'role ' || n, 'role ' || n`],
  role_resource: ['role_id, resource_id', `${id('o')}, ${id('r')}`],
  role_account: ['role_id, account_id', `${id('o')}, ${id('a')}`],
  login: ['id, account_id, token_hash, expires_at, ended_at', `${id('l')}, ${id('a')}, 'token ' || n, ${DONE}, ${DONE}`],
  known_address: ['account_id, address', `${id('a')}, '2001:db8::' || n`],
  node: [
    'id, kind, name, cluster_id, public_key, deleted_at',
    `${id('n')}, 'relay', 'worker ' || n, ${cluster}, '', now() - interval '9 days'`,
  ],
  cluster_key: [
    'id, cluster_id, secret_hash, created_by, created_at',
    `${id('k')}, ${cluster}, 'key ' || n, 'somebody', now() - n * interval '1 minute'`,
  ],
  enrolment_token: [
    'id, secret_hash, name, cluster_id, expires_at, used_at',
    `${id('t')}, 'secret ' || n, 'relay ' || n, 'default', ${DONE}, ${DONE}`,
  ],
  activity: [
    'id, actor_id, actor_email, request_id, verb, object_kind, object_id, published_at',
    `${id('v')}, 'old', '', '', 'added', 'role', n::text, now()`,
  ],
  attempt: [
    'id, account_id, account_email, request_id, attempt, resource_id, resource_name, reason, message, agent_started_at, due_at, published_at',
    `${id('e')}, ${id('a')}, '', ${id('q')}, 1, ${id('r')}, '', 'no relay', '', ${DONE}, ${DONE}, ${DONE}`,
  ],
  attempt_repeat: ['account_id, request_id, attempt, counted_in', `${id('a')}, ${id('p')}, 1, ${id('e')}`],
  idempotency: ['account_id, operation, key, request_hash, result_sealed', "'old', 'roles.add', n::text, '', ''"],
  sign_in_limit: ['key, points, expire', "'old ' || n, 1, (extract(epoch from now()) * 1000 + 3600000)::bigint"],
};

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}
interface Explained {
  readonly 'Query Text': string;
  readonly Plan: PlanNode;
}

/** Plans that the server logged since it had written so many characters, until a query of ours that is the last. */
async function plansSince(characters: number): Promise<Explained[]> {
  const log = path.join(scene.system.handle.home, 'postgres', 'postgres.log');
  const mark = `the end ${randomUUID()}`;
  await owner.query(`select '${mark}'`);
  await expect.poll(() => readFileSync(log, 'utf8').slice(characters).includes(mark)).toBe(true);
  const text = readFileSync(log, 'utf8').slice(characters);
  return [...text.matchAll(/ms {2}plan:\n((?:\t.*\n)+)/g)].map(([, json]) => JSON.parse(json as string) as Explained);
}
const logLength = () => readFileSync(path.join(scene.system.handle.home, 'postgres', 'postgres.log'), 'utf8').length;

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
/** Big tables that a query read from end to end. */
const readWhole = ({ 'Query Text': query, Plan }: Explained): string[] =>
  READS_ALL.some((words) => query.includes(words))
    ? []
    : nodesOf(Plan).flatMap(({ 'Node Type': type, 'Relation Name': table = '' }) =>
        type === 'Seq Scan' && table in FILLS ? [`${table}: ${query}`] : [],
      );

/** Reads two pages of a list. */
async function twoPages(read: (query: { limit: number; cursor?: string }) => Promise<{ nextCursor?: string | undefined }>) {
  const { nextCursor } = await read({ limit: 2 });
  if (nextCursor !== undefined) await read({ limit: 2, cursor: nextCursor });
}

it('scans no table of thousands of rows, whatever is looked up, listed or changed', async () => {
  const began = logLength();
  const own = await unwrap(api.POST('/api/v1/logins', { body: { email: person.email, password: PASSWORD } }));
  await api.POST('/api/v1/logins', { body: { email: person.email, password: 'a wrong password' } });
  const mine = createSluiceClient({ server: scene.system.handle.url, token: tokenOf(own) });
  await mine.GET('/api/v1/users', { params: { query: {} } }); // denied

  const server = await scene.system.addServer(scene.resource.port);
  const role = await unwrap(
    api.POST('/api/v1/roles', { body: { name: 'mine' }, params: { header: { 'Idempotency-Key': randomUUID() } } }),
  );
  const reached = { path: { id: role.id, serverId: server.id } };
  const held = { path: { id: role.id, userId: person.id } };
  await unwrap(api.PUT('/api/v1/roles/{id}/servers/{serverId}', { params: reached }));
  await unwrap(api.PUT('/api/v1/roles/{id}/users/{userId}', { params: held }));
  await unwrap(mine.GET('/api/v1/me', { params: { query: {} } }));
  const attempt = { resourceId: server.id, reason: 'no relay', message: '', startedAt: new Date().toISOString() } as const;
  await unwrap(mine.POST('/api/v1/me/attempts', { body: { ...attempt, requestId: randomUUID(), attempt: 1 } }));

  await twoPages((query) => unwrap(api.GET('/api/v1/servers', { params: { query } })));
  await unwrap(api.GET('/api/v1/servers', { params: { query: { name: 'SERVER 77' } } }));
  for (const filter of [{ proxyCluster: 'cluster 7' }, { health: 'unchecked' as const }, { search: 'server 77' }])
    await twoPages((query) => unwrap(api.GET('/api/v1/servers', { params: { query: { ...query, ...filter } } })));
  await twoPages((query) => unwrap(api.GET('/api/v1/users', { params: { query } })));
  await unwrap(api.GET('/api/v1/users', { params: { query: { email: 'PERSON-77@example.test' } } }));
  await twoPages((query) => unwrap(api.GET('/api/v1/roles', { params: { query } })));
  await unwrap(api.GET('/api/v1/roles', { params: { query: { name: 'ROLE 77' } } }));
  await twoPages((query) => unwrap(api.GET('/api/v1/nodes', { params: { query } })));
  await twoPages((query) => unwrap(api.GET('/api/v1/activities', { params: { query } })));
  for (const filter of [
    { actor: 'admin@sluice.local' },
    { object: 'mine' },
    { object: person.email, action: 'assigned', kind: 'role' },
  ])
    await twoPages((query) => unwrap(api.GET('/api/v1/activities', { params: { query: { ...query, ...filter } } })));
  await twoPages((query) => unwrap(api.GET('/api/v1/cluster-keys', { params: { query } })));
  await twoPages((query) => unwrap(mine.GET('/api/v1/me/logins', { params: { query } })));
  await twoPages((query) => unwrap(api.GET('/api/v1/users/{id}/logins', { params: { path: { id: person.id }, query } })));
  await unwrap(api.GET('/api/v1/cluster-keys', { params: { query: { proxyCluster: 'cluster 7' } } }));
  await twoPages((query) => unwrap(api.GET('/api/v1/clusters', { params: { query } })));
  await twoPages((query) => unwrap(api.GET('/api/v1/servers/{id}/access', { params: { path: { id: server.id }, query } })));
  await twoPages((query) => unwrap(api.GET('/api/v1/users/{id}/access', { params: { path: { id: person.id }, query } })));

  await unwrap(api.POST('/api/v1/nodes/tokens', { body: {} }));
  const nobody = { secret: 'sle_nobody', publicKey: makeKeyPair().publicPem, natsPublicKey: '' };
  expect((await api.POST('/api/v1/nodes/enrol', { body: nobody })).error?.code).toBe('enrolment_token_invalid');
  await unwrap(api.DELETE('/api/v1/roles/{id}/users/{userId}', { params: held }));
  await unwrap(api.DELETE('/api/v1/roles/{id}/servers/{serverId}', { params: reached }));
  const { id, version } = server;
  await unwrap(api.DELETE('/api/v1/servers/{id}', { params: { path: { id }, query: { version } } }));
  const suspended = await unwrap(
    api.POST('/api/v1/users/{id}/suspend', { params: { path: { id: person.id } }, body: { version: 1 } }),
  );
  await unwrap(api.DELETE('/api/v1/users/{id}', { params: { path: { id: person.id }, query: { version: suspended.version } } }));
  const unpublished = async () => (await owner.query('select 1 from registry.activity where published_at is null')).rowCount;
  await expect.poll(unpublished, { timeout: 15_000 }).toBe(0);

  const plans = await plansSince(began);
  expect(plans.length).toBeGreaterThan(100);
  expect([...new Set(plans.flatMap(readWhole))]).toEqual([]);
});
