import { z } from 'zod';
import { operation } from '../operation.js';

const Name = z.string().max(1000);
const Ids = z.array(z.string());

/** Internal: records have the ids of gateways and proxy clusters, and the audit service asks the registry which ones people mean by a name. It has no HTTP route; only the bus users of services may request it. */
export const idsNamed = operation({
  id: 'names.ids',
  owner: 'registry',
  callers: 'anybody',
  summary: 'List the ids of the gateways, also of those that were deleted, and of the proxy clusters that have these names',
  method: 'POST',
  path: '',
  budget: 100_000, // all copies of the audit service are one caller
  input: z.strictObject({ gateways: z.array(Name).max(10), proxyClusters: z.array(Name).max(10) }),
  output: z.object({
    gateways: z.array(z.object({ name: Name, ids: Ids })),
    proxyClusters: z.array(z.object({ name: Name, ids: Ids })),
  }),
});
