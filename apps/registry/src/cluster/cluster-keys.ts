import { randomUUID } from 'node:crypto';
import {
  type ClusterKey,
  type createClusterKey,
  DEFAULT_CLUSTER,
  type InputOf,
  type listClusterKeys,
  notFound,
  type OutputOf,
} from '@sluice/contracts';
import type { AuthorityState } from '@sluice/domain';
import { formatEnrolmentToken, hashSecret, makeSecret } from '@sluice/identity';
import { decodeCursor, pageOf } from '@sluice/persistence';
import type { DataSource, EntityManager } from 'typeorm';
import type { Change } from '../change/change.js';
import { AuthoritySet } from '../authority/authority-set.js';
import { clusterIdOf } from './clusters.js';

/** Prefix of the secrets that are cluster keys. */
export const CLUSTER_KEY_PREFIX = 'slk';

interface KeyRow {
  readonly id: string;
  readonly cluster: string;
  readonly created_at: Date;
  /** The creation time with all its digits, for cursors; a Date has milliseconds only. */
  readonly created_key: string;
  readonly created_by: string;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
  readonly authority: AuthorityState;
}

const ROWS = `
  select k.id, case c.id when '${DEFAULT_CLUSTER}' then c.id else c.name end as cluster, k.created_at, k.created_at::text as created_key, k.created_by, k.last_used_at, k.revoked_at, coalesce(a.state, 'retired') as authority
    from cluster_key k join proxy_cluster c on c.id = k.cluster_id
      left join authority a on a.fingerprint = coalesce(k.authority, (select fingerprint from authority order by number limit 1))`;

/** Creates a key. A cluster may have several at a time, so that a key can be replaced without interruption. */
export async function createKey(
  change: Change,
  at: { publicUrl: string; by: string },
  input: InputOf<typeof createClusterKey>,
): Promise<OutputOf<typeof createClusterKey>> {
  const clusterId = await clusterIdOf(change.tx, input.proxyCluster);
  const id = randomUUID();
  const secret = makeSecret(CLUSTER_KEY_PREFIX);
  const { fingerprint } = (await AuthoritySet.read(change.tx)).current;
  await change.tx.query(
    'insert into cluster_key (id, cluster_id, secret_hash, created_by, authority) values ($1, $2, $3, $4, $5)',
    [id, clusterId, hashSecret(secret), at.by, fingerprint],
  );
  const row = await oneKey(change.tx, id);
  await change.record('created', { kind: 'cluster-key', id, name: row.cluster }, null, { proxyCluster: row.cluster });
  const key = formatEnrolmentToken({ gateway: at.publicUrl, caFingerprint: fingerprint, secret });
  return { ...show(row), key };
}

/** Revokes a key. Revoking it again changes nothing. */
export async function revokeKey(change: Change, id: string): Promise<ClusterKey> {
  const before = await oneKey(change.tx, id);
  if (before.revoked_at !== null) return show(before);
  await change.tx.query('update cluster_key set revoked_at = now() where id = $1', [id]);
  await change.record('revoked', { kind: 'cluster-key', id, name: before.cluster }, { proxyCluster: before.cluster }, null);
  return show(await oneKey(change.tx, id));
}

/** One key. @throws ProblemError 404 */
export const findKey = async (tx: EntityManager, id: string): Promise<ClusterKey> => show(await oneKey(tx, id));

/** One page of keys, newest first. */
export async function pageOfKeys(
  database: DataSource,
  input: InputOf<typeof listClusterKeys>,
): Promise<OutputOf<typeof listClusterKeys>> {
  const clusterId = input.proxyCluster === undefined ? null : await clusterIdOf(database.manager, input.proxyCluster);
  const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor, { key: 'time', id: 'uuid' });
  const rows = await database.query<KeyRow[]>(
    `${ROWS} where ($1::text is null or k.cluster_id = $1) and ($2::timestamptz is null or (k.created_at, k.id) < ($2, $3::uuid))
      order by k.created_at desc, k.id desc limit $4`,
    [clusterId, after?.[0] ?? null, after?.[1] ?? null, input.limit + 1],
  );
  return pageOf(rows, input.limit, (row) => [row.created_key, row.id], show);
}

/** Finds the key and cluster of a secret, with the authority that the key pins, and notes that the key was used; undefined for an unknown or revoked key. */
export async function useKey(
  tx: EntityManager,
  secret: string,
): Promise<{ keyId: string; clusterId: string; authority: string | null } | undefined> {
  const [rows] = await tx.query<[{ id: string; cluster_id: string; authority: string | null }[], number]>(
    'update cluster_key set last_used_at = now() where secret_hash = $1 and revoked_at is null returning id, cluster_id, authority',
    [hashSecret(secret)],
  );
  const row = rows[0];
  return row && { keyId: row.id, clusterId: row.cluster_id, authority: row.authority };
}

async function oneKey(tx: EntityManager, id: string): Promise<KeyRow> {
  const [row] = await tx.query<KeyRow[]>(`${ROWS} where k.id = $1`, [id]);
  if (!row) throw notFound('cluster key', id);
  return row;
}

const show = (row: KeyRow): ClusterKey => ({
  id: row.id,
  proxyCluster: row.cluster,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  authority: row.authority,
});
