import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { pageAfter } from '../api/page-query.js';

/** A gateway or relay as the registry sees it. */
export type Node = Schemas['Node'];

/** All gateways and relays. */
export const nodesQuery = queryOptions({
  queryKey: ['node', 'list'],
  queryFn: () => collect((cursor) => unwrap(api.GET('/api/v1/nodes', { params: { query: pageAfter(cursor) } }))),
  refetchInterval: 15_000, // load and last contact change without an event
});
