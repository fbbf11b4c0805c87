import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { pageAfter } from '../api/page-query.js';

/** A group of relays that serve servers of a network which others cannot reach. */
export type Cluster = Schemas['ProxyCluster'];

/** All proxy clusters, by name. */
export const clustersQuery = queryOptions({
  queryKey: ['cluster', 'list'],
  queryFn: () => collect((cursor) => unwrap(api.GET('/api/v1/clusters', { params: { query: pageAfter(cursor) } }))),
});

/** One proxy cluster. */
export const clusterQuery = (id: string) =>
  queryOptions({
    queryKey: ['cluster', id],
    queryFn: () => unwrap(api.GET('/api/v1/clusters/{id}', { params: { path: { id } } })),
  });

/** A key with which any number of workers enrol; the key itself is never shown again. */
export type ClusterKey = Schemas['ClusterKey'];

/** The keys of a proxy cluster, newest first. */
export const clusterKeysQuery = (proxyCluster: string) =>
  queryOptions({
    queryKey: ['cluster-key', proxyCluster],
    queryFn: () =>
      collect((cursor) =>
        unwrap(
          api.GET('/api/v1/cluster-keys', {
            params: { query: { ...pageAfter(cursor), proxyCluster } },
          }),
        ),
      ),
  });
