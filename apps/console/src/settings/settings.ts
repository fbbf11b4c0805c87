import { type Schemas, unwrap } from '@sluice/sdk';
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api/client.js';

/** The organization's settings. */
export type Settings = Schemas['Settings'];

/** The organization's settings as they are. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: () => unwrap(api.GET('/api/v1/settings', {})),
});
