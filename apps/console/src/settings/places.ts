import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { pageAfter } from '../api/page-query.js';

/** Where clients find a server. */
export type Place = Pick<
  Schemas['Server'],
  'id' | 'name' | 'version' | 'connectivityMode' | 'bindAddress' | 'portOverride' | 'hostname' | 'port'
>;

/** Where clients find every server, by name. */
export const placesQuery = queryOptions({
  queryKey: ['server', 'places'],
  queryFn: () => collect<Place>((cursor) => unwrap(api.GET('/api/v1/servers', { params: { query: pageAfter(cursor) } }))),
});

/** The server that already has an address and port, if another one than this does. */
export const occupantOf = (places: readonly Place[], place: Place, portOverride: number): Place | undefined =>
  places.find(
    ({ id, bindAddress, portOverride: port }) => id !== place.id && bindAddress === place.bindAddress && port === portOverride,
  );
