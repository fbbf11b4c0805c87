import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { pageAfter } from '../api/page-query.js';

/** An account that is a person. */
export type User = Schemas['User'];

/** All users, by e-mail. */
export const usersQuery = queryOptions({
  queryKey: ['user', 'list'],
  queryFn: () => collect((cursor) => unwrap(api.GET('/api/v1/users', { params: { query: pageAfter(cursor) } }))),
});

/** One user. */
export const userQuery = (id: string) =>
  queryOptions({
    queryKey: ['user', id],
    queryFn: () => unwrap(api.GET('/api/v1/users/{id}', { params: { path: { id } } })),
  });

/** The logins of a user that have not ended. */
export const userLoginsQuery = (id: string) =>
  queryOptions({
    queryKey: ['login', id],
    queryFn: () =>
      collect((cursor) =>
        unwrap(
          api.GET('/api/v1/users/{id}/logins', {
            params: { path: { id }, query: pageAfter(cursor) },
          }),
        ),
      ),
  });

/** What an account may do in the API, in a sentence. */
export const API_ROLE_WORDS: Readonly<Record<User['apiRole'], string>> = {
  administrator: 'Changes everything',
  auditor: 'Reads everything and changes nothing',
  user: 'Connects to what their roles reach, and sees their own sessions',
};
