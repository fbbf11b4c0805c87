import { type paths, type Schemas, unwrap } from '@sluice/sdk';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';

/** The record of a session. */
export type Session = Schemas['AuditRecord'];

/** A fact about a session from the author of its record. */
export type SessionFact = Schemas['SessionFact'];

type SessionQuery = NonNullable<paths['/api/v1/sessions']['get']['parameters']['query']>;

/** The names of the filters of the session log. */
export const SESSION_FILTERS = [
  'filter',
  'resource',
  'account',
  'node',
  'proxyCluster',
  'gateway',
  'clientAddress',
  'outcome',
  'endReason',
  'rule',
  'since',
  'until',
  'state',
] as const satisfies readonly (keyof SessionQuery | 'state')[];

/** What the session log is narrowed down to; all of it is in the address of the page. The API checks the values. */
export type SessionFilters = Pick<SessionQuery, Exclude<(typeof SESSION_FILTERS)[number], 'state'>> & {
  readonly state?: 'running' | 'ended';
};

/** The filters as the API takes them. */
const queryOf = ({ state, ...filters }: SessionFilters) => ({
  ...filters,
  ...(state !== undefined && { live: state === 'running' }),
});

/** Whether sessions that run can fit: they have no outcome and no end reason yet. */
export const mayBeLive = ({ state, outcome, endReason, filter = '' }: SessionFilters): boolean =>
  state !== 'ended' && outcome === undefined && endReason === undefined && !/(^|\s)(outcome|reason|live:no)/i.test(filter);

/** How many sessions a page of the log has; those of the first one are read again whenever sessions change. */
export const PAGE = 100;

/** The newest sessions that fit: read again whenever sessions change. */
export const newestSessions = (filters: SessionFilters) =>
  queryOptions({
    queryKey: ['session', 'newest', filters],
    queryFn: () => unwrap(api.GET('/api/v1/sessions', { params: { query: { limit: PAGE, ...queryOf(filters) } } })),
  });

/** The sessions that run now, newest first; at most 500. */
export const liveSessions = (filters: SessionFilters) =>
  queryOptions({
    queryKey: ['session', 'live', filters],
    queryFn: async () =>
      (await unwrap(api.GET('/api/v1/sessions', { params: { query: { limit: 500, ...queryOf(filters), live: true } } }))).items,
    refetchInterval: 5000, // bytes move without an event
  });

/** How many sessions run to each server, by its id. It is read again every few seconds, and not at each change: there may be many. */
export const liveCountsQuery = queryOptions({
  queryKey: ['live-sessions'],
  queryFn: async () => {
    const { servers } = await unwrap(api.GET('/api/v1/live-sessions', {}));
    return new Map(servers.map(({ id, sessions }) => [id, sessions]));
  },
  refetchInterval: 5000,
});

/** The log page by page, as it is scrolled through. Events do not make it read again: few old records change, and the page says that they are as they were read. */
export const sessionLog = (filters: SessionFilters) =>
  infiniteQueryOptions({
    queryKey: ['session-log', filters],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/api/v1/sessions', {
          params: { query: { limit: PAGE, ...queryOf(filters), ...(pageParam !== undefined && { cursor: pageParam }) } },
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
 * @returns undefined if the two do not meet: more sessions began than a page holds, and the log must be read again
 */
export function joinPages(newest: readonly Session[], older: readonly Session[]): readonly Session[] | undefined {
  if (older.length === 0 || newest.length === 0) return newest.length === 0 ? older : newest;
  const known = new Set(newest.map(({ id }) => id));
  const rest = older.filter(({ id }) => !known.has(id));
  return rest.length === older.length && newest.length >= PAGE ? undefined : [...newest, ...rest];
}

/** The facts of a session's record, page by page. */
export const factsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['session', id, 'facts'],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/api/v1/sessions/{id}/facts', {
          params: { path: { id }, query: { limit: 500, ...(pageParam !== undefined && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
