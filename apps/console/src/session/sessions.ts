import { type paths, type Schemas, unwrap } from '@sluice/sdk';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';

/** The record of a session. */
export type Session = Schemas['AuditRecord'];

type SessionQuery = NonNullable<paths['/api/v1/sessions']['get']['parameters']['query']>;

/** The names of the filters of the session log. */
export const SESSION_FILTERS = [
  'resource',
  'account',
  'node',
  'gateway',
  'clientAddress',
  'outcome',
  'endReason',
  'rule',
  'since',
  'until',
] as const satisfies readonly (keyof SessionQuery)[];

/** What the session log is narrowed down to; all of it is in the address of the page. The API checks the values. */
export type SessionFilters = Pick<SessionQuery, (typeof SESSION_FILTERS)[number]>;

const PAGE = 100;

/** The newest sessions that fit: read again whenever sessions change. */
export const newestSessions = (filters: SessionFilters) =>
  queryOptions({
    queryKey: ['session', 'newest', filters],
    queryFn: () => unwrap(api.GET('/api/v1/sessions', { params: { query: { limit: PAGE, ...filters } } })),
  });

/** The sessions that run now, newest first; at most 500. */
export const liveSessions = (filters: SessionFilters) =>
  queryOptions({
    queryKey: ['session', 'live', filters],
    queryFn: async () =>
      (await unwrap(api.GET('/api/v1/sessions', { params: { query: { limit: 500, ...filters, live: true } } }))).items,
    refetchInterval: 5000, // bytes move without an event
  });

/** The log page by page, as it is scrolled through. Old records do not change, so events do not make it read again. */
export const sessionLog = (filters: SessionFilters) =>
  infiniteQueryOptions({
    queryKey: ['session-log', filters],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/api/v1/sessions', {
          params: { query: { limit: PAGE, ...filters, ...(pageParam !== undefined && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });

/** One session. */
export const sessionQuery = (id: string) =>
  queryOptions({
    queryKey: ['session', id],
    queryFn: () => unwrap(api.GET('/api/v1/sessions/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.state === 'live' ? 5000 : false),
  });

/**
 * The newest page in front of the pages that were read before. Each session stands there once, as it was read last.
 * @returns undefined where the two do not meet: more sessions began than a page holds, and the log must be read again
 */
export function joinPages(newest: readonly Session[], older: readonly Session[]): readonly Session[] | undefined {
  if (older.length === 0 || newest.length === 0) return newest.length === 0 ? older : newest;
  const known = new Set(newest.map(({ id }) => id));
  const rest = older.filter(({ id }) => !known.has(id));
  return rest.length === older.length && newest.length >= PAGE ? undefined : [...newest, ...rest];
}
