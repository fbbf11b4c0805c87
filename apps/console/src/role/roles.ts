import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { pageAfter } from '../api/page-query.js';

/** A role: the servers it lets reach, and who holds it. */
export type Role = Schemas['Role'];

/** All roles, by name. */
export const rolesQuery = queryOptions({
  queryKey: ['role', 'list'],
  queryFn: () => collect((cursor) => unwrap(api.GET('/api/v1/roles', { params: { query: pageAfter(cursor) } }))),
});

/** One role. */
export const roleQuery = (id: string) =>
  queryOptions({
    queryKey: ['role', id],
    queryFn: () => unwrap(api.GET('/api/v1/roles/{id}', { params: { path: { id } } })),
  });

/** How the records of sessions name a role as the rule that allowed them. */
export const ruleOf = (name: string): string => `role ${name}`;
