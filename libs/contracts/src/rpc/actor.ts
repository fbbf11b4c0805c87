import { z } from 'zod';
import { API_ROLES, EVERYONE, Id, Nothing, operation } from '../operation.js';

/** The account that a token belongs to, as verified by the registry. */
export const Actor = z.object({ accountId: Id, email: z.string(), loginId: Id, apiRole: z.enum(API_ROLES) });
/** The account that a token belongs to, as verified by the registry. */
export type Actor = z.infer<typeof Actor>;

/** Services ask once for every call that they handle, and those calls have their own budgets. */
const INTERNAL = 1_000_000;

/** Internal: a service asks the registry whose token it has received. It has no HTTP route. */
export const identifyActor = operation({
  id: 'actors.identify',
  owner: 'registry',
  callers: EVERYONE,
  summary: 'Find the account of a token',
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
  summary: 'Record a denied call',
  method: 'POST',
  path: '',
  budget: INTERNAL,
  input: z.strictObject({ operation: z.string().max(100) }),
  output: Nothing,
});
