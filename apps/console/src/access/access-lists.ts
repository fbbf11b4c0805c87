import { type Schemas, unwrap } from '@sluice/sdk';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { pageAfter } from '../api/page-query.js';

/** A role that gives a user access to a server, and since when if that is known. */
export type GivingRole = Schemas['ServerAccess']['roles'][number];

/** Who may reach a server, by e-mail. */
export const serverAccessQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['access', 'server', id],
    queryFn: ({ pageParam }) =>
      unwrap(api.GET('/api/v1/servers/{id}/access', { params: { path: { id }, query: pageAfter(pageParam) } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });

/** What a user may reach, by name. */
export const userAccessQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['access', 'user', id],
    queryFn: ({ pageParam }) =>
      unwrap(api.GET('/api/v1/users/{id}/access', { params: { path: { id }, query: pageAfter(pageParam) } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
