import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { pageAfter } from '../api/page-query.js';

/** A server as administrators see it. */
export type Server = Schemas['Server'];

/** All servers, by name. The list is filtered and sorted in the browser. */
export const serversQuery = queryOptions({
  queryKey: ['server', 'list'],
  queryFn: () => collect((cursor) => unwrap(api.GET('/api/v1/servers', { params: { query: pageAfter(cursor) } }))),
});

/** One server. */
export const serverQuery = (id: string) =>
  queryOptions({
    queryKey: ['server', id],
    queryFn: () => unwrap(api.GET('/api/v1/servers/{id}', { params: { path: { id } } })),
  });

/** Where clients find a server: its DNS name or bind address, and its port. */
export const clientAddress = (server: Pick<Server, 'bindAddress' | 'portOverride' | 'dns'>): string =>
  `${server.dns ?? server.bindAddress}:${server.portOverride}`;
