import { AUTHORITY_STATES } from '@sluice/domain';
import { z } from 'zod';
import { ADMINISTRATORS, Id, Nothing, operation, page, PageQuery, READERS, Version } from '../operation.js';

/** Its relays, the workers, reach servers of a network that other relays cannot reach. */
export const ProxyCluster = z
  .object({
    id: z.string(),
    version: z.int(),
    name: z.string(),
    workers: z.int().meta({ description: 'relays that have enrolled in it' }),
    workersOnline: z.int(),
    servers: z.int().meta({ description: 'servers that are pinned to it' }),
    createdAt: z.string(),
  })
  .meta({ id: 'ProxyCluster' });
/** Its relays, the workers, reach servers of a network that other relays cannot reach. */
export type ProxyCluster = z.infer<typeof ProxyCluster>;

/** A key with which any number of relays enrol into a cluster. The key itself is shown once, when it is made. */
export const ClusterKey = z
  .object({
    id: Id,
    proxyCluster: z.string(),
    createdAt: z.string(),
    createdBy: z.string(),
    lastUsedAt: z.string().nullable(),
    revokedAt: z.string().nullable(),
    authority: z.enum(AUTHORITY_STATES).meta({
      description:
        'state of the authority that relays with this key expect at the gateway: once it is retired, the key is refused',
    }),
  })
  .meta({ id: 'ClusterKey' });
/** A key with which any number of relays enrol into a cluster. */
export type ClusterKey = z.infer<typeof ClusterKey>;

const clusterName = z
  .string()
  .min(1)
  .max(2000)
  .meta({ description: 'name or id of a proxy cluster, or `default`, the cluster of relays that are in no other' });

export const listClusters = operation({
  id: 'clusters.list',
  owner: 'registry',
  callers: READERS,
  summary: 'List proxy clusters by name',
  method: 'GET',
  path: '/clusters',
  input: PageQuery.extend({
    name: z.string().max(2000).optional().meta({ description: 'only the cluster of this name' }),
  }).strict(),
  output: page(ProxyCluster),
});

export const showCluster = operation({
  id: 'clusters.show',
  owner: 'registry',
  callers: READERS,
  summary: 'Show a proxy cluster',
  method: 'GET',
  path: '/clusters/{id}',
  input: z.strictObject({ id: z.string().max(63) }),
  output: ProxyCluster,
});

export const updateCluster = operation({
  id: 'clusters.update',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Rename a proxy cluster; its workers, keys and servers are kept',
  method: 'PATCH',
  path: '/clusters/{id}',
  input: z.strictObject({ id: z.string().max(63), version: z.int().min(1), name: z.string().max(2000) }),
  output: ProxyCluster,
});

export const addCluster = operation({
  id: 'clusters.add',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Add a proxy cluster',
  method: 'POST',
  path: '/clusters',
  creates: true,
  input: z.strictObject({ name: z.string().max(2000) }),
  output: ProxyCluster,
});

export const deleteCluster = operation({
  id: 'clusters.delete',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Delete a proxy cluster with its keys; refused while servers or nodes use it',
  method: 'DELETE',
  path: '/clusters/{id}',
  input: z.strictObject({ id: z.string().max(63), version: Version }),
  output: Nothing,
});

export const listClusterKeys = operation({
  id: 'cluster-keys.list',
  owner: 'registry',
  callers: READERS,
  summary: 'List the keys of proxy clusters, newest first; never the keys themselves',
  method: 'GET',
  path: '/cluster-keys',
  input: PageQuery.extend({ proxyCluster: clusterName.optional() }).strict(),
  output: page(ClusterKey),
});

export const showClusterKey = operation({
  id: 'cluster-keys.show',
  owner: 'registry',
  callers: READERS,
  summary: 'Show a key of a proxy cluster; never the key itself',
  method: 'GET',
  path: '/cluster-keys/{id}',
  input: z.strictObject({ id: Id }),
  output: ClusterKey,
});

export const createClusterKey = operation({
  id: 'cluster-keys.create',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Create a key with which any number of relays enrol in a proxy cluster or the default one; it is shown once',
  method: 'POST',
  path: '/cluster-keys',
  creates: true,
  input: z.strictObject({ proxyCluster: clusterName }),
  output: ClusterKey.extend({ key: z.string() }).meta({ id: 'NewClusterKey' }),
});

export const revokeClusterKey = operation({
  id: 'cluster-keys.revoke',
  owner: 'registry',
  callers: ADMINISTRATORS,
  summary: 'Revoke a key: it can no longer be used to enrol; relays that have enrolled are kept',
  method: 'POST',
  path: '/cluster-keys/{id}/revoke',
  input: z.strictObject({ id: Id }),
  output: ClusterKey,
});
