import { collect, type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';
import { pageAfter } from '../api/page-query.js';

/** A SIEM that receives audit events through a consumer of its own. */
export type SiemReader = Schemas['SiemReader'];
/** A reader with its new credentials, which are shown once. */
export type SiemCredentials = Schemas['SiemCredentials'];

/** The forms in which a reader can receive events, and how they are called. */
export const FORMATS: readonly { readonly value: SiemReader['format']; readonly label: string }[] = [
  { value: 'cloudevents', label: 'CloudEvents, as they are published' },
  { value: 'ocsf', label: 'OCSF, into which they are converted' },
];

/** How often it is read how far readers have come, in milliseconds. */
const AGAIN_MS = 10_000;

/** All readers, by name. */
export const siemReadersQuery = queryOptions({
  queryKey: ['siem-reader', 'list'],
  queryFn: () => collect((cursor) => unwrap(api.GET('/api/v1/siem-readers', { params: { query: pageAfter(cursor) } }))),
  refetchInterval: AGAIN_MS,
});

/** One reader. */
export const siemReaderQuery = (id: string) =>
  queryOptions({
    queryKey: ['siem-reader', id],
    queryFn: () => unwrap(api.GET('/api/v1/siem-readers/{id}', { params: { path: { id } } })),
    refetchInterval: AGAIN_MS,
  });
