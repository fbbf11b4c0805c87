import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';

/** A group of relays that serve servers of a network which others cannot reach. */
export type Cluster = Schemas['ProxyCluster'];

/** All proxy clusters, by name. */
export const clustersQuery = queryOptions({
  queryKey: ['cluster', 'list'],
  queryFn: () =>
    collect((cursor) =>
      unwrap(api.GET('/api/v1/clusters', { params: { query: { limit: 500, ...(cursor !== undefined && { cursor }) } } })),
    ),
});
