import { type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';

/** Current and recent sessions. */
export type Overview = Schemas['Overview'];
/** Sessions that began within a minute or an hour. */
export type Span = Overview['minutes'][number];

/** The overview as it is. */
export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: () => unwrap(api.GET('/api/v1/overview', {})),
  refetchInterval: 15_000,
});
