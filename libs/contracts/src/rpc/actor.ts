import { z } from 'zod';
import { API_ROLES, EVERYONE, Id, Nothing, operation } from '../operation.js';

/** Who a token belongs to, as the registry found out. */
export const Actor = z.object({ accountId: Id, email: z.string(), loginId: Id, apiRole: z.enum(API_ROLES) });
/** Who a token belongs to, as the registry found out. */
export type Actor = z.infer<typeof Actor>;

/** Services ask for every call that they answer, which has a budget there. */
const INTERNAL = 1_000_000;

/** Internal: a service asks the registry whose token it was handed. It has no HTTP route. */
export const identifyActor = operation({
  id: 'actors.identify',
  owner: 'registry',
  callers: EVERYONE,
  summary: 'Whose token is this',
  method: 'POST',
  path: '',
  budget: INTERNAL,
  input: z.strictObject({}),
  output: Actor,
});

/** Internal: a service reports to the registry, with the caller's token, a call that it refused because of the caller's API role. */
export const noteDenied = operation({
  id: 'actors.denied',
  owner: 'registry',
  callers: EVERYONE,
  summary: 'Note a call that was denied',
  method: 'POST',
  path: '',
  budget: INTERNAL,
  input: z.strictObject({ operation: z.string().max(100) }),
  output: Nothing,
});
