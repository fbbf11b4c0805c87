import { randomUUID } from 'node:crypto';
import { type InputOf, listServers, notFound, type OutputOf, type Server, type ServerHealth } from '@sluice/contracts';
import { decodeCursor, pageOf, violatedConstraint } from '@sluice/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { clusterIdOf, clusterNames } from '../cluster/clusters.js';
import { type Change, versionConflict } from '../change/change.js';
import { refusedBy } from '../change/refused.js';
import type { HealthView } from './health-view.js';
import { narrowDown } from './narrow-down.js';
import { occupiedBesides, releasePlace } from './places.js';
import { type AskedProperties, determineProperties } from './resource-properties.js';
import { readSettings } from '../settings/settings.js';
import { showOwnSettings } from '../settings/validate-settings.js';
import { type ResourceRow, ResourceTable } from './resource.table.js';

/** Properties as a caller of the API requests them. */
type Asked = AskedProperties & { readonly proxyCluster?: string | null | undefined };

async function withClusterId(tx: EntityManager, { proxyCluster, ...asked }: Asked): Promise<AskedProperties> {
  return proxyCluster === undefined ? asked : { ...asked, clusterId: await clusterIdOf(tx, proxyCluster) };
}

/** Turns a violated constraint into the rule that it enforces. */
function explained(error: unknown, row: ResourceRow): unknown {
  switch (violatedConstraint(error)) {
    case 'resource_name_unique':
      return refusedBy({
        code: 'name_taken',
        message: 'there is a server of this name already (names ignore case)',
        field: 'name',
        value: row.name,
      });
    case 'resource_bind_unique':
      return refusedBy({
        code: 'port_override_taken',
        message: `another server uses ${row.bindAddress}:${row.portOverride}`,
        field: 'portOverride',
        value: String(row.portOverride),
      });
    case 'resource_dns_unique':
      return refusedBy({
        code: 'dns_taken',
        message: 'another server has this DNS name (names ignore case)',
        field: 'dns',
        value: row.dns ?? '',
      });
    default:
      return error;
  }
}

/** Adds a server. It is unhealthy until the first check succeeds. */
export async function addServerTo(change: Change, asked: Asked, health: (id: string) => ServerHealth): Promise<Server> {
  const id = randomUUID();
  const named = await withClusterId(change.tx, asked);
  const occupied = await occupiedBesides(change.tx, id);
  const properties = determineProperties(named, undefined, await readSettings(change.tx), occupied);
  const row: ResourceRow = { ...properties, id, version: 1, createdAt: new Date() };
  await change.tx
    .getRepository(ResourceTable)
    .insert(row)
    .catch((error: unknown) => {
      throw explained(error, row);
    });
  const nameOf = await clusterNames(change.tx);
  await change.record('added', { kind: 'server', id, name: row.name }, null, withoutHealth(row, nameOf));
  await change.touch('resource', id);
  return showServer(row, nameOf, health(id));
}

/** Changes a server; properties that are not given keep their values. */
export async function updateServerIn(
  change: Change,
  asked: Asked & { id: string; version: number },
  health: (id: string) => ServerHealth,
): Promise<Server> {
  const occupied = await occupiedBesides(change.tx, asked.id);
  const before = await lockServer(change, asked);
  const named = await withClusterId(change.tx, asked);
  const properties = determineProperties(named, before, await readSettings(change.tx), occupied);
  const after: ResourceRow = { ...before, ...properties, version: before.version + 1 };
  const { id, ...fields } = after;
  await change.tx
    .getRepository(ResourceTable)
    .update({ id }, fields)
    .catch((error: unknown) => {
      throw explained(error, after);
    });
  if (after.bindAddress !== before.bindAddress || after.portOverride !== before.portOverride)
    await releasePlace(change.tx, before);
  const nameOf = await clusterNames(change.tx);
  const object = { kind: 'server', id, name: after.name };
  await change.record('updated', object, withoutHealth(before, nameOf), withoutHealth(after, nameOf));
  await change.touch('resource', id);
  return showServer(after, nameOf, health(id));
}

/** Deletes a server. Relays end its sessions once they have applied the policy. */
export async function deleteServerFrom(change: Change, asked: { id: string; version: number }): Promise<void> {
  const before = await lockServer(change, asked);
  const roles = await change.tx.query<{ role_id: string }[]>('select role_id from role_resource where resource_id = $1', [
    asked.id,
  ]);
  await change.tx.getRepository(ResourceTable).delete({ id: asked.id });
  await releasePlace(change.tx, before);
  const was = withoutHealth(before, await clusterNames(change.tx));
  await change.record('deleted', { kind: 'server', id: asked.id, name: before.name }, was, null);
  await change.touch('resource', asked.id);
  for (const { role_id } of roles) await change.touch('role', role_id);
}

async function lockServer(change: Change, asked: { id: string; version: number }): Promise<ResourceRow> {
  const row = await change.tx
    .getRepository(ResourceTable)
    .findOne({ where: { id: asked.id }, lock: { mode: 'pessimistic_write' } });
  if (!row) throw notFound('server', asked.id);
  if (row.version !== asked.version) throw versionConflict('server', asked.version, row.version);
  return row;
}

/** One server. @throws ProblemError 404 */
export async function findServer(database: DataSource, id: string, health: (id: string) => ServerHealth): Promise<Server> {
  const row = await database.getRepository(ResourceTable).findOneBy({ id });
  if (!row) throw notFound('server', id);
  return showServer(row, await clusterNames(database.manager), health(id));
}

/** One page of servers, by name. */
export async function pageOfServers(
  database: DataSource,
  input: InputOf<typeof listServers>,
  health: Pick<HealthView, 'of' | 'idsOf'>,
): Promise<OutputOf<typeof listServers>> {
  const query = database.getRepository(ResourceTable).createQueryBuilder('r');
  const clusterId = input.proxyCluster === undefined ? undefined : await clusterIdOf(database.manager, input.proxyCluster);
  narrowDown(query, { ...input, clusterId }, health);
  const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor);
  if (after) query.andWhere('(r.name_key, r.id::text) > (:after, :id)', { after: after[0], id: after[1] });
  const rows = await query
    .orderBy('r.name_key')
    .addOrderBy('r.id')
    .limit(input.limit + 1)
    .getMany();
  const nameOf = await clusterNames(database.manager);
  return pageOf(
    rows,
    input.limit,
    (row) => [row.nameKey, row.id],
    (row) => showServer(row, nameOf, health.of(row.id)),
  );
}

type NameOf = (clusterId: string) => string | null;

function withoutHealth(row: ResourceRow, nameOf: NameOf): Omit<Server, 'health'> {
  return {
    id: row.id,
    version: row.version,
    name: row.name,
    type: 'tcp',
    proxyCluster: nameOf(row.clusterId),
    hostname: row.hostname,
    port: row.port,
    connectivityMode: row.connectivityMode,
    bindAddress: row.bindAddress,
    portOverride: row.portOverride,
    dns: row.dns,
    tags: { ...row.tags },
    settings: showOwnSettings(row.settings),
    proxyProtocol: row.proxyProtocol,
    check: row.check,
    createdAt: row.createdAt.toISOString(),
  };
}

const showServer = (row: ResourceRow, nameOf: NameOf, health: ServerHealth): Server => ({
  ...withoutHealth(row, nameOf),
  health,
});
