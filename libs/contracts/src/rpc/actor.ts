import { z } from 'zod';
import { API_ROLES, EVERYONE, Id, operation } from '../operation.js';

/** Who a token belongs to, as the registry found out. */
export const Actor = z.object({ accountId: Id, email: z.string(), loginId: Id, apiRole: z.enum(API_ROLES) });
/** Who a token belongs to, as the registry found out. */
export type Actor = z.infer<typeof Actor>;

/** Internal: a service asks the registry whose token it was handed. It has no HTTP route. */
export const identifyActor = operation({
  id: 'actors.identify',
  owner: 'registry',
  callers: EVERYONE,
  summary: 'Whose token is this',
  method: 'POST',
  path: '',
  input: z.strictObject({}),
  output: Actor,
});
