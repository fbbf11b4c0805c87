import { z } from 'zod';
import { ADMINISTRATORS, Id, operation } from '../operation.js';

/** Internal: the registry asks the audit service which relay carries a session. It has no HTTP route. */
export const locateSession = operation({
  id: 'sessions.locate',
  owner: 'audit',
  callers: ADMINISTRATORS,
  summary: 'Find the relay that carries a session, and the names that people know the session by',
  method: 'POST',
  path: '',
  input: z.strictObject({ id: Id }),
  output: z.object({
    relayId: Id,
    live: z.boolean(),
    name: z.string().optional().meta({ description: 'whose session it is, and to what' }),
  }),
});
