import { type Schemas, unwrap } from '@sluice/sdk';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';

/** What an administrator did. */
export type Activity = Schemas['Activity'];

/** Activities, newest first. */
export const activitiesQuery = infiniteQueryOptions({
  queryKey: ['activity', 'list'],
  queryFn: ({ pageParam }) =>
    unwrap(
      api.GET('/api/v1/activities', {
        params: { query: { limit: 100, ...(pageParam !== undefined && { cursor: pageParam }) } },
      }),
    ),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ nextCursor }) => nextCursor,
});

/** Who did it, as it is shown: an account by its e-mail, and Sluice itself where no account did. */
export const actorOf = ({ actor }: Pick<Activity, 'actor'>): string => (actor.email !== '' ? actor.email : 'Sluice itself');
