import { collect, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { pageAfter } from '../api/page-query.js';

const query = (cursor: string | undefined) => ({ params: { query: pageAfter(cursor) } });

/** What can be added to a role, as a field offers it. */
export const choicesQuery = (kind: 'server' | 'user') =>
  queryOptions({
    queryKey: [kind, 'choices'],
    queryFn: async () =>
      kind === 'server'
        ? (await collect((cursor) => unwrap(api.GET('/api/v1/servers', query(cursor))))).map(({ id, name }) => ({
            value: id,
            label: name,
          }))
        : (await collect((cursor) => unwrap(api.GET('/api/v1/users', query(cursor))))).map(({ id, email }) => ({
            value: id,
            label: email,
          })),
  });
