import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { pageAfter } from '../api/page-query.js';

/** A legal hold. */
export type Hold = Schemas['Hold'];

/** How long evidence is kept, and what was dropped. */
export const retentionQuery = queryOptions({
  queryKey: ['retention'],
  queryFn: () => unwrap(api.GET('/api/v1/retention')),
  refetchInterval: 10_000,
});

/** All holds, newest first, also those that were released. */
export const holdsQuery = queryOptions({
  queryKey: ['hold', 'list'],
  queryFn: () => collect((cursor) => unwrap(api.GET('/api/v1/holds', { params: { query: pageAfter(cursor) } }))),
});
