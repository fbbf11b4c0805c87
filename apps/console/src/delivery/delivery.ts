import { type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';

/** How far facts have come: from the relays into the stream, and from there into the database and to SIEM readers. */
export type DeliveryStatus = Schemas['DeliveryStatus'];
/** How far one reader of the stream has come. */
export type Delivery = Schemas['Delivery'];

/** Who reads a stream of events, in words. */
export const readerName = ({ kind, name }: Pick<DeliveryStatus['readers'][number], 'kind' | 'name'>): string =>
  kind === 'siem' ? name : kind === 'ocsf' ? 'Conversion to OCSF' : 'The audit database';

/** How far facts have come. */
export const deliveryQuery = queryOptions({
  queryKey: ['delivery'],
  queryFn: () => unwrap(api.GET('/api/v1/delivery', {})),
  refetchInterval: 15_000,
});
