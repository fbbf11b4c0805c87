import { type paths, type Schemas, unwrap } from '@sluice/sdk';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';

/** What an administrator did. */
export type Activity = Schemas['Activity'];

type ActivityQuery = NonNullable<paths['/api/v1/activities']['get']['parameters']['query']>;

/** The names of the filters of activities. */
export const ACTIVITY_FILTERS = [
  'actor',
  'action',
  'kind',
  'object',
  'since',
  'until',
] as const satisfies readonly (keyof ActivityQuery)[];

/** What the list of activities is narrowed down to. The API checks the values. */
export type ActivityFilters = Pick<ActivityQuery, (typeof ACTIVITY_FILTERS)[number]>;

/** Activities, newest first. */
export const activitiesQuery = (filters: ActivityFilters) =>
  infiniteQueryOptions({
    queryKey: ['activity', 'list', filters],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/api/v1/activities', {
          params: { query: { limit: 100, ...filters, ...(pageParam !== undefined && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });

/** Who did it, as it is shown: an account by its e-mail, and Sluice itself if no account did. */
export const actorOf = ({ actor }: Pick<Activity, 'actor'>): string => (actor.email !== '' ? actor.email : 'Sluice itself');
