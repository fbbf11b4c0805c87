import { randomBytes } from 'node:crypto';
import {
  type addCluster,
  DEFAULT_CLUSTER,
  type InputOf,
  type listClusters,
  notFound,
  type OutputOf,
  ProblemError,
  type ProxyCluster,
  type updateCluster,
} from '@sluice/contracts';
import { nameKey, parseDisplayName } from '@sluice/domain';
import { decodeCursor, pageOf, violatedConstraint } from '@sluice/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import { type Change, versionConflict } from '../change/change.js';
import { accepted, refusedBy } from '../change/refused.js';
import { type ClusterRow, ClusterTable } from './cluster.table.js';
import type { Workers } from '../presence/workers.js';

interface ShownRow {
  readonly id: string;
  readonly name: string;
  readonly name_key: string;
  readonly version: number;
  readonly created_at: Date;
  readonly workers: string[];
  readonly servers: number;
}

const ROWS = `
  select c.id, c.name, c.name_key, c.version, c.created_at,
         array(select n.id::text from node n where n.cluster_id = c.id and n.deleted_at is null) as workers,
         (select count(*)::int from resource r where r.cluster_id = c.id) as servers
    from proxy_cluster c`;

/** Adds a proxy cluster. Certificates, subjects and bucket names use its id, so its name can be anything. */
export async function addClusterTo(change: Change, workers: Workers, input: InputOf<typeof addCluster>): Promise<ProxyCluster> {
  const name = parseClusterName(input.name);
  const id = `c${randomBytes(6).toString('hex')}`;
  await change.tx
    .getRepository(ClusterTable)
    .insert({ id, version: 1, name, nameKey: nameKey(name) })
    .catch((error: unknown) => {
      throw nameTaken(error, name);
    });
  await change.record('added', { kind: 'cluster', id, name }, null, { name });
  await change.touch('cluster', id);
  return findCluster(change.tx, workers, id);
}

/** `default` names the cluster of relays that are in no other. @throws ProblemError */
function parseClusterName(text: string): string {
  const name = accepted(parseDisplayName(text));
  if (nameKey(name) !== DEFAULT_CLUSTER) return name;
  throw refusedBy({ code: 'name_taken', message: 'this is the name of the default cluster', field: 'name', value: name });
}

const nameTaken = (error: unknown, name: string): unknown => {
  const message = 'there is a proxy cluster of this name already (names ignore case)';
  return violatedConstraint(error) === 'proxy_cluster_name_unique'
    ? refusedBy({ code: 'name_taken', message, field: 'name', value: name })
    : error;
};

/** One cluster. @throws ProblemError 404 */
export const findCluster = async (tx: EntityManager, workers: Workers, id: string): Promise<ProxyCluster> =>
  show(await oneCluster(tx, id), workers, await workers.gone(tx));

/** Renames a cluster. Certificates, subjects and bucket names use its id, so they do not change. @throws ProblemError */
export async function renameCluster(
  change: Change,
  workers: Workers,
  asked: InputOf<typeof updateCluster>,
): Promise<ProxyCluster> {
  const { tx } = change;
  const before = await lockCluster(tx, asked);
  const name = parseClusterName(asked.name);
  await tx
    .getRepository(ClusterTable)
    .update({ id: asked.id }, { name, nameKey: nameKey(name), version: before.version + 1 })
    .catch((error: unknown) => {
      throw nameTaken(error, name);
    });
  await change.record('updated', { kind: 'cluster', id: asked.id, name }, { name: before.name }, { name });
  return findCluster(tx, workers, asked.id);
}

/** @throws ProblemError for the default cluster, an unknown one, or one that has changed meanwhile */
async function lockCluster(tx: EntityManager, asked: { id: string; version: number }): Promise<ClusterRow> {
  if (asked.id === DEFAULT_CLUSTER)
    throw refusedBy({
      code: 'cluster_is_default',
      message: 'the default cluster cannot be changed or deleted',
      field: 'id',
      value: asked.id,
    });
  const row = await tx.getRepository(ClusterTable).findOne({ where: { id: asked.id }, lock: { mode: 'pessimistic_write' } });
  if (!row) throw notFound('cluster', asked.id);
  if (row.version !== asked.version) throw versionConflict('cluster', asked.version, row.version);
  return row;
}

/** Deletes a cluster that no server and no node uses, with its keys. @throws ProblemError */
export async function deleteClusterFrom(change: Change, asked: { id: string; version: number }): Promise<void> {
  const row = await lockCluster(change.tx, asked);
  const users = await change.tx.query<{ name: string }[]>(
    `select name from resource where cluster_id = $1
     union all select name from node where cluster_id = $1 and deleted_at is null order by 1 limit 3`,
    [asked.id],
  );
  if (users.length > 0) {
    const message = `this cluster is in use by ${users.map(({ name }) => name).join(', ')}${users.length === 3 ? ' and maybe others' : ''}`;
    throw new ProblemError(409, 'cluster_in_use', message, { field: 'id', value: row.name });
  }
  await change.tx.getRepository(ClusterTable).delete({ id: row.id });
  await change.record('deleted', { kind: 'cluster', id: row.id, name: row.name }, { name: row.name }, null);
  await change.touch('cluster', asked.id);
}

/** One page of clusters, by name. The default one, which always exists, is not listed. */
export async function pageOfClusters(
  database: DataSource,
  workers: Workers,
  input: InputOf<typeof listClusters>,
): Promise<OutputOf<typeof listClusters>> {
  const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor);
  const rows = await database.query<ShownRow[]>(
    `${ROWS} where c.id <> $1 and ($2::text is null or c.name_key = $2) and ($3::text is null or (c.name_key, c.id) > ($3, $4))
      order by c.name_key, c.id limit $5`,
    [
      DEFAULT_CLUSTER,
      input.name === undefined ? null : nameKey(input.name),
      after?.[0] ?? null,
      after?.[1] ?? null,
      input.limit + 1,
    ],
  );
  const gone = await workers.gone(database.manager);
  return pageOf(
    rows,
    input.limit,
    (row) => [row.name_key, row.id],
    (row) => show(row, workers, gone),
  );
}

/** The id of a cluster given by name or id; nothing stands for the default one. @throws ProblemError */
export async function clusterIdOf(tx: EntityManager, named: string | null | undefined): Promise<string> {
  if (named === null || named === undefined || named === '' || named === DEFAULT_CLUSTER) return DEFAULT_CLUSTER;
  const [row] = await tx.query<{ id: string }[]>(
    // the row is locked, so that the cluster cannot be deleted before it is used
    'select id from proxy_cluster where id = $1 or name_key = $2 order by id = $1 desc limit 1 for share',
    [named, nameKey(named)],
  );
  if (!row) {
    const message = 'there is no proxy cluster of this name';
    throw refusedBy({ code: 'proxy_cluster_unknown', message, field: 'proxyCluster', value: named });
  }
  return row.id;
}

/** Names of clusters as people see them; the default one is null. */
export async function clusterNames(tx: EntityManager): Promise<(id: string | null) => string | null> {
  const rows = await tx.getRepository(ClusterTable).find();
  const names = new Map(rows.map((row) => [row.id, row.name]));
  return (id) => (id === null || id === DEFAULT_CLUSTER ? null : (names.get(id) ?? id));
}

async function oneCluster(tx: EntityManager, id: string): Promise<ShownRow> {
  const [row] = await tx.query<ShownRow[]>(`${ROWS} where c.id = $1`, [id]);
  if (!row) throw notFound('cluster', id);
  return row;
}

const show = (row: ShownRow, workers: Workers, gone: ReadonlySet<string>): ProxyCluster => ({
  id: row.id,
  version: row.version,
  name: row.name,
  workers: row.workers.filter((id) => !gone.has(id)).length,
  workersOnline: row.workers.filter((id) => workers.isOnline(id)).length,
  servers: row.servers,
  createdAt: row.created_at.toISOString(),
});
