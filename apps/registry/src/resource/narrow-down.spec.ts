import { randomUUID } from 'node:crypto';
import { listServers, type ServerHealth } from '@sluice/contracts';
import { type HealthKind, healthKind } from '@sluice/domain';
import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { ClusterTable } from '../cluster/cluster.table.js';
import { useRegistryDatabase } from '../testing/use-registry-database.js';
import { ResourceTable } from './resource.table.js';
import { pageOfServers } from './servers.js';

let database: DataSource;
const states = new Map<string, ServerHealth>();
const health = {
  of: (id: string) => states.get(id) ?? { state: 'unhealthy' as const, nodes: [] },
  idsOf: (kinds: readonly HealthKind[]) => [...states].flatMap(([id, one]) => (kinds.includes(healthKind(one)) ? [id] : [])),
};

useRegistryDatabase(
  async (opened) => {
    database = opened;
    await database.query("insert into proxy_cluster (id, name, name_key) values ('c111111111111', 'Berlin', 'berlin')");
    await insert('База', { host: 'one.internal', tags: { env: 'prod', team: 'data' }, state: 'healthy' });
    await insert('cache', { host: '10.0.0.7', tags: { env: 'test', '': '' }, cluster: 'c111111111111', state: 'unhealthy' });
    await insert('orders', { host: 'db.internal', tags: { env: 'prod', note: '100%_of=it' } });
  },
  { tables: [ResourceTable, ClusterTable] },
);

let port = 20_000;
async function insert(
  name: string,
  given: { host: string; tags: Record<string, string>; cluster?: string; state?: 'healthy' | 'unhealthy' },
): Promise<void> {
  const id = randomUUID();
  await database.query(
    `insert into resource (id, name, name_key, cluster_id, hostname, port, connectivity_mode, bind_address, port_override, tags)
     values ($1, $2, lower($3), $4, $5, 5432, 'loopback', '127.0.0.1', $6, $7)`,
    [id, name, name.toLowerCase(), given.cluster ?? 'default', given.host, port++, given.tags],
  );
  if (given.state) states.set(id, { state: given.state, nodes: [{ nodeId: 'n', nodeName: 'relay', state: given.state }] });
}

/** The names of the servers that a query finds, as it is typed in an address. */
async function found(query: Record<string, string | string[]>): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const input = listServers.input.parse({ limit: '1', ...query, ...(cursor !== undefined && { cursor }) });
    const page = await pageOfServers(database, input, health);
    names.push(...page.items.map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return names;
}

it.each<[Record<string, string | string[]>, string[]]>([
  [{}, ['cache', 'orders', 'База']],
  [{ search: 'ORD' }, ['orders']],
  [{ search: 'база' }, ['База']],
  [{ search: '10.0.0.7:5432' }, ['cache']],
  [{ search: '127.0.0.1:20002' }, ['orders']],
  [{ search: ' internal  env=PROD ' }, ['orders', 'База']],
  [{ search: 'internal cache' }, []],
  [{ search: '100%_of' }, ['orders']],
  [{ search: '%' }, ['orders']],
  [{ tag: 'env=prod' }, ['orders', 'База']],
  [{ tag: ['env=prod', 'team=data'] }, ['База']],
  [{ tag: ['env=prod', 'team'] }, ['База']],
  [{ tag: 'env' }, ['cache', 'orders', 'База']],
  [{ tag: 'env=' }, []],
  [{ tag: 'note=100%_of=it' }, ['orders']],
  [{ health: 'healthy' }, ['База']],
  [{ health: 'unhealthy' }, ['cache']],
  [{ health: 'unchecked' }, ['orders']],
  [{ type: 'tcp', search: 'cache' }, ['cache']],
  [{ proxyCluster: 'BERLIN' }, ['cache']],
  [{ proxyCluster: 'c111111111111' }, ['cache']],
  [{ proxyCluster: 'default' }, ['orders', 'База']],
  [{ name: 'ORDERS', tag: 'env=test' }, []],
])('finds the servers of %o by name, page by page', async (query, expected) => {
  expect(await found(query)).toEqual(expected);
});

it('names a cluster that is not there', async () => {
  await expect(found({ proxyCluster: 'moon' })).rejects.toMatchObject({
    problem: { code: 'proxy_cluster_unknown', field: 'proxyCluster', value: 'moon' },
  });
});
